"""A report as JSON that others read: additions only, versioned by `schema`."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from toolkit.facts import Series
from toolkit.findings import Change, Confidence, Finding, Status
from toolkit.report import SCHEMA, Report
from toolkit.values import as_plain


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
    changes = {"changes": as_plain(report.changes)} if report.changes else {}
    return {
        "schema": SCHEMA,
        **host,
        "suite": report.suite,
        "environment": report.environment,
        "started": report.started,
        "elapsed_s": round(report.elapsed_s, 3),
        "strict": report.strict,
        "verdict": str(report.verdict),
        "exit_code": report.exit_code,
        "findings": [as_plain(finding) for finding in report.findings],
        "metrics": dict(report.metrics),
        "series": [as_plain(one) for one in report.series],
        **changes,
    }


def report_from(body: Mapping[str, Any]) -> Report:
    """Return the report that `report_json` wrote, without what it changed; what is not known is left out.

    Raises KeyError, TypeError or ValueError where it is none.
    """
    if body["schema"] != SCHEMA:
        raise ValueError(f"schema {body['schema']} instead of {SCHEMA}")
    return Report(
        suite=body["suite"],
        environment=body["environment"],
        started=body["started"],
        elapsed_s=body["elapsed_s"],
        findings=tuple(_finding(one) for one in body["findings"]),
        metrics={name: value for name, value in body["metrics"].items() if value is not None},
        strict=body.get("strict", False),
        series=tuple(_series(one) for one in body["series"]),
        host=body.get("host", ""),
    )


def _finding(body: Mapping[str, Any]) -> Finding:
    known = {field.name: body[field.name] for field in fields(Finding) if field.name in body}
    known |= {name: tuple(value) for name, value in known.items() if isinstance(value, list)}
    known["status"] = Status(known["status"])
    known["confidence"] = Confidence(known["confidence"])
    known["changes"] = tuple(Change(one["key"], one["value"]) for one in known["changes"])
    return Finding(**known)


def _series(body: Mapping[str, Any]) -> Series:
    return Series(
        body["name"], body["subject"], body["unit"], tuple((at, value) for at, value in body["points"])
    )
