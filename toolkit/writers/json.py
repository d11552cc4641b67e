"""A report as JSON that others read: additions only, versioned by `schema`."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.report import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.report import Report


def write(reports: Sequence[Report]) -> str:
    """Return one report as it is, several as `{"hosts": [...]}`; without a trailing newline."""
    bodies = [report_json(report) for report in reports]
    body = bodies[0] if len(bodies) == 1 else {"hosts": bodies}
    return json.dumps(_numbers(body), indent=2, ensure_ascii=False, allow_nan=False)


def _numbers(value: Any) -> Any:
    """Return `value` with null for what is no number: JSON has no word for it."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _numbers(inner) for key, inner in value.items()}
    return [_numbers(inner) for inner in value] if isinstance(value, list | tuple) else value


def schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of what `write` returns."""
    text = Path(__file__).with_name("report.schema.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def report_json(report: Report) -> dict[str, Any]:
    """Return the report as plain values; statuses are words in small letters, times seconds."""
    host = {"host": report.host} if report.host else {}
    changes = {"changes": asdict(report.changes)} if report.changes else {}
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
        **changes,
    }
