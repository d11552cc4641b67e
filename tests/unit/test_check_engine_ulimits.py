"""engine.ulimits: what a throw-away container could not get."""

from __future__ import annotations

import pytest

from tests.support.findings import ask
from toolkit.checking import Status
from toolkit.checks.engine_ulimits import engine_ulimits
from toolkit.facts import UlimitFact


@pytest.mark.parametrize(
    ("refusal", "status"),
    [
        ("", Status.PASS),
        (None, Status.SKIP),
        ("error setting rlimit type 8: operation not permitted", Status.FAIL),
    ],
)
def test_only_a_refusal_fails(refusal: str | None, status: Status) -> None:
    (found,) = ask(engine_ulimits, ulimits=(UlimitFact("elasticsearch", "memlock", "-1:-1", refusal),))
    assert (found.subject, found.status) == ("elasticsearch: memlock=-1:-1", status)
    assert found.cause == (refusal or "")
    assert bool(found.remedy) == (status is Status.FAIL)
