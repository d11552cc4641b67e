"""Preflight: what stands in the way of `up`, found before anything is touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.checking import Finding, Status
from toolkit.errors import EngineError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from toolkit.report import Report

BUDGET_S = 10.0
# Without its engine nothing can be done, so that not to have seen it is more than a warning.
_INDISPENSABLE = "engine.version"


def blockers(report: Report, tell: Callable[[str], None]) -> tuple[Problem, ...]:
    """Return what has to be mended first; what only deserves a look is told, and so is what could not be looked at.

    Raises EngineError when the engine itself could not be asked.
    """
    away = [one for one in report.findings if one.status is Status.ERROR and one.check == _INDISPENSABLE]
    if away:
        raise EngineError(*map(problem_of, away))
    blocking = {Status.FAIL, Status.WARN} if report.strict else {Status.FAIL}
    told = dict.fromkeys(
        problem_of(one).as_text()
        for one in report.findings
        if one.status in {Status.WARN, Status.ERROR} - blocking
    )
    for text in told:
        tell("warning: " + text)
    return tuple(problem_of(one) for one in report.findings if one.status in blocking)


def problem_of(finding: Finding) -> Problem:
    """Return the finding as errors are worded."""
    expected = f" (expected: {finding.expected})" if finding.expected else ""
    got = "\n".join(line for line in (finding.cause, *finding.evidence) if line)
    return Problem(finding.subject, finding.observed + expected, got, finding.remedy)
