"""MariaDB's log of slow queries → the shapes of them, those that took longest in all first; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from toolkit.values import Value

_HEAD = re.compile(
    r"^# Query_time: (?P<took>[\d.]+)\s+Lock_time: [\d.]+\s+Rows_sent: (?P<sent>\d+)\s+Rows_examined: (?P<seen>\d+)",
    re.MULTILINE,
)
_NOT_THE_QUERY = re.compile(r"^(?:#|SET timestamp=|use `|use [\w`]+;$|$)", re.IGNORECASE)
# What a log calls a value is somebody's: texts, numbers, lists of them.
_VALUES = (
    (re.compile(r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.|\"\")*\""), "?"),
    (re.compile(r"\b(?:0x[0-9a-f]+|\d+(?:\.\d+)?(?:e[+-]?\d+)?)\b", re.IGNORECASE), "?"),
    (re.compile(r"\(\s*\?(?:\s*,\s*\?)*\s*\)(?:\s*,\s*\(\s*\?(?:\s*,\s*\?)*\s*\))*"), "(?)"),
    (re.compile(r"\s+"), " "),
)
_LONGEST_SHAPE = 300


class SlowQuery(Value):
    """A query without its values: how often it was slow, seconds in all and at most, rows looked at and returned."""

    shape: str
    times: int
    total_s: float
    longest_s: float
    rows_seen: int
    rows_sent: int


def slow_queries(text: str) -> tuple[SlowQuery, ...]:
    """Return what the log, or the end of it, has; the values of a query are nowhere in it."""
    found: dict[str, SlowQuery] = {}
    for shape, took_s, sent, seen in _entries(text):
        before = found.get(shape, SlowQuery(shape, 0, 0.0, 0.0, 0, 0))
        found[shape] = SlowQuery(
            shape,
            before.times + 1,
            round(before.total_s + took_s, 6),
            max(before.longest_s, took_s),
            before.rows_seen + seen,
            before.rows_sent + sent,
        )
    return tuple(sorted(found.values(), key=lambda one: -one.total_s))


def shape_of(query: str) -> str:
    """Return the query without its values, on one line, cut where it is very long."""
    for pattern, instead in _VALUES:
        query = pattern.sub(instead, query)
    query = query.strip().rstrip(";")
    return query if len(query) <= _LONGEST_SHAPE else query[:_LONGEST_SHAPE] + " …"


def _entries(text: str) -> Iterator[tuple[str, float, int, int]]:
    heads = list(_HEAD.finditer(text))
    for at, head in enumerate(heads):
        end = heads[at + 1].start() if at + 1 < len(heads) else len(text)
        lines = text[head.end() : end].splitlines()[1:]
        query = "\n".join(line for line in lines if not _NOT_THE_QUERY.match(line))
        if query.strip():
            yield shape_of(query), float(head["took"]), int(head["sent"]), int(head["seen"])
