"""What servers print of themselves → names and values; pure."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from toolkit.facts import AlertFact, FiguresFact

_SAMPLE = re.compile(r"^(?P<name>[a-zA-Z_:][\w:]*)(?:\{.*\})? (?P<value>\S+)")
_VLLM = "vllm:"
_STAT_TABLE = "# pxname"
_STAT_TEXTS = frozenset({"status", "check_status", "last_chk", "addr"})


def figures(service: str, pairs: Iterable[tuple[str, str]]) -> FiguresFact:
    """Return the fact of names with texts: what reads as a number is one."""
    numbers: dict[str, float] = {}
    texts: dict[str, str] = {}
    for name, text in pairs:
        value = _number(text)
        if value is None:
            texts[name] = text
        else:
            numbers[name] = value
    return FiguresFact(service, numbers, texts)


def _number(text: str) -> float | None:
    try:
        return float(text) if text[:1] in "0123456789.+-" else None
    except ValueError:
        return None


def prometheus_figures(service: str, text: str) -> FiguresFact:
    """Return vLLM's own metrics of a Prometheus text: counters summed over their labels, gauges their largest."""
    kinds = dict(line.split(" ")[2:4] for line in text.splitlines() if line.startswith("# TYPE "))
    found: dict[str, float] = {}
    for line in text.splitlines():
        sample = _SAMPLE.match(line) if line.startswith(_VLLM) else None
        if sample is None or sample["name"].endswith("_bucket"):
            continue
        name, value = sample["name"].removeprefix(_VLLM), float(sample["value"])
        gauge = kinds.get(sample["name"]) == "gauge"
        found[name] = max(found.get(name, value), value) if gauge else found.get(name, 0.0) + value
    return FiguresFact(service, found)


def haproxy_figures(service: str, text: str) -> FiguresFact:
    """Return the answer to `show info;show stat -1 7 -1`."""
    info, _, table = text.partition(_STAT_TABLE)
    pairs = [tuple(line.split(": ", 1)) for line in info.splitlines() if ": " in line]
    rows = csv.DictReader((_STAT_TABLE[2:] + table).strip().splitlines()) if table else ()
    for row in rows:
        pairs += [
            (f"{row['pxname']}/{row['svname']}/{name}", value)
            for name, value in row.items()
            if name and value and name not in {"pxname", "svname"}
        ]
    found = figures(service, ((name, value) for name, value in pairs))
    # `L7OK` and addresses are texts also where they look like numbers.
    kept = {
        name: value for name, value in found.numbers.items() if name.rpartition("/")[2] not in _STAT_TEXTS
    }
    return FiguresFact(service, kept, found.texts)


def redis_figures(service: str, text: str) -> FiguresFact:
    """Return the answer to `INFO`: `name:value` lines under `# Section` lines."""
    lines = (line.strip().split(":", 1) for line in text.splitlines() if not line.startswith("#"))
    return figures(service, ((pair[0], pair[1]) for pair in lines if len(pair) == 2))


def table_figures(service: str, rows: Iterable[Sequence[str]]) -> FiguresFact:
    """Return rows of a name and a value, tab-separated at the door."""
    return figures(service, ((row[0], row[1]) for row in rows if len(row) == 2))


def alert_facts(text: str) -> tuple[AlertFact, ...]:
    """Return the answer of Prometheus' /api/v1/alerts. Raises ValueError where it is none."""
    try:
        return tuple(_alert(one) for one in json.loads(text)["data"]["alerts"])
    except (KeyError, TypeError) as error:
        raise ValueError(text[:200]) from error


def _alert(one: Mapping[str, Any]) -> AlertFact:
    labels, notes = one.get("labels") or {}, one.get("annotations") or {}
    return AlertFact(
        name=labels.get("alertname", ""),
        state=one.get("state", ""),
        service=labels.get("service", ""),
        severity=labels.get("severity", ""),
        since=one.get("activeAt", ""),
        summary=notes.get("summary") or notes.get("description", ""),
    )
