"""A report as JSON that others read: additions only, versioned by `schema`."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from toolkit.report import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.report import Report


def write(reports: Sequence[Report]) -> str:
    """Return one report as it is, several as `{"hosts": [...]}`; without a trailing newline."""
    bodies = [report_json(report) for report in reports]
    return json.dumps(bodies[0] if len(bodies) == 1 else {"hosts": bodies}, indent=2, ensure_ascii=False)


def report_json(report: Report) -> dict[str, Any]:
    """Return the report as plain values; statuses are words in small letters, times seconds."""
    host = {"host": report.host} if report.host else {}
    return {
        "schema": SCHEMA,
        **host,
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
