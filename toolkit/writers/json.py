"""A report as JSON that others read: additions only, versioned by `schema`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from toolkit.report import SCHEMA

if TYPE_CHECKING:
    from toolkit.report import Report


def report_json(report: Report) -> dict[str, Any]:
    """Return the report as plain values; statuses are words in small letters, times seconds."""
    return {
        "schema": SCHEMA,
        "suite": report.suite,
        "environment": report.environment,
        "started": report.started,
        "elapsed_s": round(report.elapsed_s, 3),
        "verdict": str(report.verdict),
        "exit_code": report.exit_code,
        "findings": [asdict(finding) for finding in report.findings],
        "metrics": dict(report.metrics),
        "series": [asdict(one) for one in report.series],
    }
