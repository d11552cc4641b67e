"""What of a report stops an `up`, and what is only told."""

from __future__ import annotations

import pytest

from toolkit.checking import Finding, Status
from toolkit.errors import Problem
from toolkit.report import Report
from toolkit.routines.preflight import blockers, problem_of

SMALL = Finding("/data", Status.WARN, "1 GiB free", "4 GiB", "logs", "make room", ("a", "b"))
UNSEEN = Finding("clock", Status.ERROR, "could not look", cause="no answer in time")
FINE = Finding("edge", Status.PASS, "port 127.0.0.1:8001 is free")


def report(*findings: Finding, strict: bool = False) -> Report:
    return Report("preflight", "testing", "now", 0.1, findings, strict=strict)


def test_a_finding_is_worded_as_errors_are() -> None:
    assert problem_of(SMALL) == Problem("/data", "1 GiB free (expected: 4 GiB)", "logs\na\nb", "make room")


@pytest.mark.parametrize(("strict", "blocking", "told"), [(False, 0, 2), (True, 1, 1)])
def test_strict_takes_a_warning_for_a_blocker(strict: bool, blocking: int, told: int) -> None:
    notes: list[str] = []
    assert len(blockers(report(SMALL, UNSEEN, FINE, strict=strict), notes.append)) == blocking
    assert len(notes) == told
