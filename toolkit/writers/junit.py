"""A report as JUnit XML, which every CI shows: a test case for each finding; ERROR is an error, FAIL a failure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from toolkit.checking import Finding, Status
from toolkit.writers.text import finding_lines
from toolkit.writers.xml import element

if TYPE_CHECKING:
    from toolkit.report import Report

_DETAIL = {Status.FAIL: "failure", Status.ERROR: "error", Status.SKIP: "skipped"}


def write(reports: Sequence[Report]) -> str:
    """Return a test suite for each report; valid for the readers of Ant's dialect and of Jenkins' one."""
    root = ET.Element("testsuites")
    root.extend([_suite(index, report) for index, report in enumerate(reports)])
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode")


def _suite(index: int, report: Report) -> ET.Element:
    kinds = [_kind(report, finding) for finding in report.findings]
    suite = element(
        "testsuite",
        name=report.title,
        package="toolkit",
        id=str(index),
        # The dialects have no time zone; all our times are UTC.
        timestamp=report.started[:19],
        hostname=report.host or "localhost",
        tests=str(len(kinds)),
        failures=str(kinds.count("failure")),
        errors=str(kinds.count("error")),
        skipped=str(kinds.count("skipped")),
        time=f"{report.elapsed_s:.3f}",
    )
    suite.append(_properties(report))
    suite.extend([_case(report, finding) for finding in report.findings])
    warnings = [line for one in report.findings if one.status is Status.WARN for line in finding_lines(one)]
    suite.append(element("system-out", "\n".join(warnings)))
    suite.append(element("system-err", ""))
    return suite


def _properties(report: Report) -> ET.Element:
    properties = element("properties")
    told = {"suite": report.suite, "environment": report.environment, "verdict": str(report.verdict)}
    told |= {name: f"{value:g}" for name, value in report.metrics.items()}
    properties.extend([element("property", name=name, value=value) for name, value in told.items()])
    return properties


def _case(report: Report, finding: Finding) -> ET.Element:
    names = ".".join(part for part in (report.suite, report.environment, report.host) if part)
    # Nobody measures how long a single judgement takes: the time is that of the suite.
    case = element("testcase", name=f"{finding.check} {finding.subject}", classname=names, time="0")
    if kind := _kind(report, finding):
        lines = "\n".join(finding_lines(finding))
        about = {} if kind == "skipped" else {"type": finding.check}
        case.append(element(kind, lines, message=finding.observed, **about))
    return case


def _kind(report: Report, finding: Finding) -> str:
    """Return the element that says how a finding ended, "" for what is fine or a mere warning."""
    return "failure" if report.failed(finding) else _DETAIL.get(finding.status, "")
