"""Findings as a table, one line each: what was measured, beside what it shall be."""

from __future__ import annotations

from collections.abc import Sequence

from toolkit.checking import Finding, Suite

MEASURED = frozenset({Suite.SMOKE, Suite.HEALTH})
"""The suites whose every line is of interest, also where nothing is wrong."""
BENCH = "bench"


def is_measured(suite: str) -> bool:
    """Return whether the findings of a suite are figures that people want to see."""
    return suite.startswith(BENCH) or suite in MEASURED


def table_lines(findings: Sequence[Finding]) -> list[str]:
    """Return a line for each finding, in columns: status, check, subject, observed, expected."""
    rows = [(str(one.status).upper(), one.check, one.subject, one.observed, one.expected) for one in findings]
    widths = [max(len(row[column]) for row in rows) for column in range(4)] if rows else []
    return [
        "  ".join([*(text.ljust(width) for text, width in zip(row, widths, strict=False)), row[4]]).rstrip()
        for row in rows
    ]
