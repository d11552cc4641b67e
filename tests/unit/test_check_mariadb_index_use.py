"""mariadb.index_use: rows by an index, rows by reading on."""

from __future__ import annotations

import pytest

from tests.support.findings import ask
from toolkit.checking import Finding, Status
from toolkit.checks.mariadb_index_use import mariadb_index_use
from toolkit.facts import FiguresFact


def found(queries: float, scans: float, by_index: float, by_scan: float) -> Finding:
    names = (
        "Handler_read_first",
        "Handler_read_last",
        "Handler_read_next",
        "Handler_read_prev",
        "Handler_read_rnd",
    )
    numbers = dict.fromkeys(names, 0.0)
    numbers |= {"Com_select": queries, "Select_scan": scans, "Select_full_join": 0.0}
    numbers |= {"Handler_read_key": by_index, "Handler_read_rnd_next": by_scan}
    (one,) = ask(mariadb_index_use, mariadb=(FiguresFact("mariadb", numbers),))
    return one


@pytest.mark.parametrize(
    ("queries", "scans", "by_index", "by_scan", "status"),
    [
        (999, 999, 0, 1e9, Status.SKIP),
        (1000, 50, 0, 1e9, Status.PASS),
        (1000, 51, 94, 6, Status.WARN),
        # Small tables are read whole.
        (1000, 900, 95, 5, Status.PASS),
        # A few reports over a million rows.
        (3000, 10, 3e6, 7e6, Status.PASS),
    ],
)
def test_queries_and_rows_have_to_agree(
    queries: float, scans: float, by_index: float, by_scan: float, status: Status
) -> None:
    assert found(queries, scans, by_index, by_scan).status is status


def test_it_says_where_to_look() -> None:
    assert found(1000, 900, 1, 1e6).remedy.startswith("toolkit db indexes")
