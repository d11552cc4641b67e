"""A report as Markdown, for a job summary or a ticket: what is wrong first, what is fine folded away."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Status
from toolkit.writers.changes import changes_lines
from toolkit.writers.text import counted

if TYPE_CHECKING:
    from toolkit.report import Report

_MARKS = {Status.PASS: "✅", Status.SKIP: "⏭️", Status.WARN: "⚠️", Status.ERROR: "❓", Status.FAIL: "❌"}
_QUIET = frozenset({Status.PASS, Status.SKIP})
_SPECIAL = re.compile(r"([\\`*_\[\]|~$])")


def write(reports: Sequence[Report]) -> str:
    """Return a section for each report, in the Markdown of GitHub and GitLab; without a trailing newline."""
    return "\n\n".join("\n".join(_section(report)) for report in reports)


def _section(report: Report) -> list[str]:
    lines = [f"## {_MARKS[report.verdict]} {_plain(report.title)}: {report.verdict}", ""]
    lines += [f"{counted(report)} in {report.elapsed_s:.1f} s, begun {report.started}."]
    loud = [one for one in report.findings if one.status not in _QUIET]
    quiet = [one for one in report.findings if one.status in _QUIET]
    if loud:
        lines += ["", *_table(loud)]
        for finding in loud:
            lines += _details(finding)
    if report.changes:
        lines += ["", *_fenced(changes_lines(report.changes))]
    if report.metrics:
        lines += ["", "| measured | |", "|---|---:|"]
        lines += [f"| {_plain(name)} | {value:g} |" for name, value in report.metrics.items()]
    if quiet:
        lines += [
            "",
            "<details><summary>What is as it should be</summary>",
            "",
            *_table(quiet),
            "",
            "</details>",
        ]
    return lines


def _table(findings: Iterable[Finding]) -> list[str]:
    rows = [
        f"| {_MARKS[one.status]} {one.status} | `{one.check}` | {_plain(one.subject)} | {_plain(one.observed)} "
        f"| {_plain(one.expected)} |"
        for one in findings
    ]
    return ["| | check | of | is | shall be |", "|---|---|---|---|---|", *rows]


def _details(finding: Finding) -> list[str]:
    if not (finding.cause or finding.remedy or finding.evidence):
        return []
    lines = ["", f"**`{finding.check}` {_plain(finding.subject)}**"]
    lines += ["", f"Cause: {_plain(finding.cause)}"] if finding.cause else []
    lines += ["", *_fenced(finding.evidence)] if finding.evidence else []
    lines += ["", "Next:", "", *_fenced(finding.remedy.splitlines())] if finding.remedy else []
    return lines


def _fenced(lines: Iterable[str]) -> list[str]:
    """Return a block of code, fenced by more backticks than stand in it."""
    body = list(lines)
    longest = max((len(run) for line in body for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return [fence + "text", *body, fence]


def _plain(text: str) -> str:
    """Return `text` so that it means nothing but itself, on one line."""
    escaped = _SPECIAL.sub(r"\\\1", " ".join(text.split()))
    return escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
