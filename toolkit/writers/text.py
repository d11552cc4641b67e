"""A report for people: what is wrong first, each with its next step; then what is fine, in one line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Status

if TYPE_CHECKING:
    from toolkit.report import Report

_QUIET = frozenset({Status.PASS, Status.SKIP})


def report_text(report: Report, *, verbose: bool = False) -> str:
    """Return the report without a trailing newline; with `verbose` each thing that is fine as well."""
    shown = [one for one in report.findings if verbose or one.status not in _QUIET]
    blocks = ["\n".join(_lines(one)) for one in _together(shown)]
    return "\n".join([*blocks, _summary(report)])


def _together(findings: Iterable[Finding]) -> list[Finding]:
    """Return each thing that could not be looked at once, with all the checks that miss it."""
    shown: dict[Finding, Finding] = {}
    for one in findings:
        # One cause shows in other words at each door.
        same = replace(one, cause="", check="") if one.status is Status.ERROR else one
        before = shown.setdefault(same, one)
        if one.check not in before.check.split(", "):
            shown[same] = replace(before, check=f"{before.check}, {one.check}")
    return list(shown.values())


def _lines(finding: Finding) -> list[str]:
    expected = f" (expected: {finding.expected})" if finding.expected else ""
    lines = [f"{finding.status.upper():5} {finding.check}  {finding.subject}: {finding.observed}{expected}"]
    lines += [f"      cause: {finding.cause}"] if finding.cause else []
    lines += [f"      | {line}" for line in finding.evidence]
    if finding.remedy:
        first, *rest = finding.remedy.splitlines()
        lines += [f"      next: {first}", *(f"            {line}" for line in rest)]
    return lines


def _summary(report: Report) -> str:
    counted = Counter(finding.status for finding in report.findings)
    words = ", ".join(f"{counted[status]} {status}" for status in reversed(Status) if counted[status])
    words = words or "nothing to check"
    return f"{report.suite} {report.environment}: {report.verdict} ({words}; {report.elapsed_s:.1f} s)"
