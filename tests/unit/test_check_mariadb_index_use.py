"""mariadb.index_use: rows by an index, rows by reading on."""

from __future__ import annotations

import pytest

from tests.support.findings import ask
from toolkit.checking import Finding, Status
from toolkit.checks.mariadb_index_use import mariadb_index_use
from toolkit.facts import FiguresFact


def found(by_index: float, by_scan: float) -> Finding:
    numbers = dict.fromkeys(
        (
            "Handler_read_first",
            "Handler_read_last",
            "Handler_read_next",
            "Handler_read_prev",
            "Handler_read_rnd",
        ),
        0.0,
    )
    numbers |= {"Handler_read_key": by_index, "Handler_read_rnd_next": by_scan}
    (one,) = ask(mariadb_index_use, mariadb=(FiguresFact("mariadb", numbers),))
    return one


@pytest.mark.parametrize(
    ("by_index", "by_scan", "status"),
    [(0, 999_999, Status.SKIP), (950_000, 50_000, Status.PASS), (949_999, 50_001, Status.WARN)],
)
def test_nineteen_of_twenty_rows_come_by_an_index(by_index: float, by_scan: float, status: Status) -> None:
    assert found(by_index, by_scan).status is status


def test_it_says_where_to_look() -> None:
    assert found(1, 1e6).remedy.startswith("toolkit db indexes")
