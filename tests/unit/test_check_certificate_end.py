"""Certificates near their end."""

from __future__ import annotations

from tests.support.findings import ask
from toolkit.checking import Status
from toolkit.checks.certificate_end import certificate_end
from toolkit.facts import CertificateFact


def test_days_until_the_end() -> None:
    seen = tuple(
        CertificateFact("edge", name, ends)
        for name, ends in (
            ("a", "2026-06-01T00:00:00+00:00"),
            ("b", "2026-01-20T00:00:00+00:00"),
            ("c", "2026-01-03T00:00:00+00:00"),
            ("d", "2025-12-03T00:00:00+00:00"),
        )
    )
    found = {
        one.subject: one
        for one in ask(certificate_end, taken_at="2026-01-01T00:00:00+00:00", certificates=seen)
    }
    assert [found[name].status for name in "abcd"] == [Status.PASS, Status.WARN, Status.FAIL, Status.FAIL]
    assert found["d"].observed == "it ended on 2025-12-03"
    assert found["b"].remedy.endswith("toolkit restart edge")
