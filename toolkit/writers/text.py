"""A report for people: what is wrong first, each with its next step; then what is fine, in one line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from toolkit.checking import UNSEEN, Confidence, Finding, Status
from toolkit.values import replace
from toolkit.writers.changes import changes_lines
from toolkit.writers.naming import some
from toolkit.writers.table import is_measured, table_lines

if TYPE_CHECKING:
    from toolkit.report import Report

_INDENT = "    "
_QUIET = frozenset({Status.PASS, Status.SKIP})


def write(reports: Sequence[Report], *, verbose: bool = False) -> str:
    """Return all reports, each below the name of its host where there are several; without a trailing newline."""
    if len(reports) == 1:
        return report_text(reports[0], verbose=verbose)
    return "\n".join(f"== {one.host}\n{report_text(one, verbose=verbose)}" for one in reports)


def report_text(report: Report, *, verbose: bool = False) -> str:
    """Return the report without a trailing newline; with `verbose` each thing that is fine as well.

    What another finding explains is indented below it; what was measured comes first, as a table of all that there is.
    """
    if is_measured(report.suite):
        said = [one for one in report.findings if one.status not in _QUIET and (one.cause or one.remedy)]
        told = ["\n".join(finding_lines(one)) for one in _together(said)]
        # What could not be seen is no figure: it is told once, below.
        rows = [one for one in report.findings if one.status is not Status.ERROR or one not in said]
        return "\n".join([*table_lines(rows), *told, _summary(report)])
    shown = _together([one for one in report.findings if verbose or one.status not in _QUIET])
    blocks = [
        "\n".join(_INDENT * depth + line for line in finding_lines(one)) for one, depth in _with_depth(shown)
    ]
    return "\n".join([*blocks, _summary(report)])


def _with_depth(findings: Sequence[Finding]) -> list[tuple[Finding, int]]:
    depths: dict[str, int] = {}
    for one in findings:
        depths.setdefault(one.key, depths[one.under] + 1 if one.under in depths else 0)
    return [(one, depths[one.key]) for one in findings]


def _together(findings: Iterable[Finding]) -> list[Finding]:
    """Return each thing that could not be looked at once, with all the checks that miss it."""
    shown: dict[Finding, list[Finding]] = {}
    for one in findings:
        shown.setdefault(_same(one), []).append(one)
    return [
        replace(same[0], check=some(one.check for one in same), subject=some(one.subject for one in same))
        for same in shown.values()
    ]


def _same(finding: Finding) -> Finding:
    """Return what two findings that say the same have in common."""
    if finding.status is not Status.ERROR:
        return finding
    if finding.observed == UNSEEN:
        return replace(finding, check="", subject="")
    # One cause shows in other words at each door.
    return replace(finding, check="", cause="")


def finding_lines(finding: Finding) -> list[str]:
    """Return what is said of one finding: how it stands, its cause, its evidence, and the next step."""
    expected = f" (expected: {finding.expected})" if finding.expected else ""
    sure = "" if finding.confidence is Confidence.CERTAIN else f" ({finding.confidence})"
    lines = [f"{finding.status.upper():5} {finding.check}  {finding.subject}: {finding.observed}{expected}"]
    lines += [f"      cause{sure}: {finding.cause}"] if finding.cause else []
    lines += [f"      | {line}" for line in finding.evidence]
    lines += [f"      not: {line}" for line in finding.rejected]
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
    last = (
        f"{report.suite} {report.environment}: {report.verdict} ({counted(report)}; {report.elapsed_s:.1f} s)"
    )
    changes = report.changes
    # Where all is well as it was, one line is all there is to read.
    silent = changes is None or not (changes.findings or changes.figures or report.verdict not in _QUIET)
    return last if silent or changes is None else "\n".join([last, *changes_lines(changes)])
