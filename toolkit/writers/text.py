"""A report for people: what is wrong first, each with its next step; then what is fine, in one line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Status

if TYPE_CHECKING:
    from toolkit.report import Report

_QUIET = frozenset({Status.PASS, Status.SKIP})


def write(reports: Sequence[Report], *, verbose: bool = False) -> str:
    """Return all reports, each below the name of its host where there are several; without a trailing newline."""
    if len(reports) == 1:
        return report_text(reports[0], verbose=verbose)
    return "\n".join(f"== {one.host}\n{report_text(one, verbose=verbose)}" for one in reports)


def report_text(report: Report, *, verbose: bool = False) -> str:
    """Return the report without a trailing newline; with `verbose` each thing that is fine as well."""
    shown = [one for one in report.findings if verbose or one.status not in _QUIET]
    blocks = ["\n".join(finding_lines(one)) for one in _together(shown)]
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


def finding_lines(finding: Finding) -> list[str]:
    """Return what is said of one finding: how it stands, its cause, its evidence, and the next step."""
    expected = f" (expected: {finding.expected})" if finding.expected else ""
    lines = [f"{finding.status.upper():5} {finding.check}  {finding.subject}: {finding.observed}{expected}"]
    lines += [f"      cause: {finding.cause}"] if finding.cause else []
    lines += [f"      | {line}" for line in finding.evidence]
    if finding.remedy:
        first, *rest = finding.remedy.splitlines()
        lines += [f"      next: {first}", *(f"            {line}" for line in rest)]
    return lines


def counted(report: Report) -> str:
    """Return how many findings stand how, the worst first."""
    counts = Counter(finding.status for finding in report.findings)
    words = ", ".join(f"{counts[status]} {status}" for status in reversed(Status) if counts[status])
    return words or "nothing to check"


def _summary(report: Report) -> str:
    return (
        f"{report.suite} {report.environment}: {report.verdict} ({counted(report)}; {report.elapsed_s:.1f} s)"
    )
