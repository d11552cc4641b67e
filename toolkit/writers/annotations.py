"""What a CI service is told in its job log, in its own words: GitHub annotates, GitLab folds and colours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Status
from toolkit.writers.text import finding_lines

if TYPE_CHECKING:
    from toolkit.report import Report

_LOUD = (Status.FAIL, Status.ERROR, Status.WARN)
_CLEAR, _RED, _YELLOW, _PLAIN = "\x1b[0K", "\x1b[31m", "\x1b[33m", "\x1b[0m"
_ESCAPES = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_IN_PROPERTIES = {**_ESCAPES, ":": "%3A", ",": "%2C"}


def marks(reports: Sequence[Report], environ: Mapping[str, str]) -> str:
    """Return the lines for the CI service that `environ` names, "" for none; they belong on standard error."""
    if environ.get("GITHUB_ACTIONS") == "true":
        return "\n".join(_github(report, one) for report, one in _loud(reports))
    if environ.get("GITLAB_CI") == "true":
        return "\n".join(_gitlab(report) for report in reports)
    return ""


def _loud(reports: Sequence[Report]) -> list[tuple[Report, Finding]]:
    return [(report, one) for report in reports for one in report.findings if one.status in _LOUD]


def _level(report: Report, finding: Finding) -> str:
    return "warning" if finding.status is Status.WARN and not report.failed(finding) else "error"


def _github(report: Report, finding: Finding) -> str:
    title = _escaped(f"{report.title}: {finding.check} {finding.subject}", _IN_PROPERTIES)
    # What the profile shall say instead is shown at the profile.
    file = "file=toolkit.yaml," if finding.changes else ""
    text = "\n".join(line.strip() for line in finding_lines(finding))
    return f"::{_level(report, finding)} {file}title={title}::{_escaped(text, _ESCAPES)}"


def _escaped(text: str, escapes: Mapping[str, str]) -> str:
    return "".join(escapes.get(character, character) for character in text)


def _gitlab(report: Report) -> str:
    """Return a section of the log that can be folded; what is wrong is red, a warning yellow."""
    name = "toolkit_" + "".join(c if c.isalnum() else "_" for c in report.title)
    began = int(datetime.fromisoformat(report.started).timestamp())
    ended = began + round(report.elapsed_s)
    lines = [
        f"{_RED if _level(report, one) == 'error' else _YELLOW}{line}{_PLAIN}"
        for _, one in _loud([report])
        for line in finding_lines(one)
    ]
    head = f"{_CLEAR}section_start:{began}:{name}\r{_CLEAR}{report.title}: {report.verdict}"
    return "\n".join([head, *lines, f"{_CLEAR}section_end:{ended}:{name}\r{_CLEAR}"])
