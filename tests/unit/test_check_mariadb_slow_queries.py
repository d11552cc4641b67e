"""mariadb.slow_queries: slow ones of a hundred."""

from __future__ import annotations

import pytest

from tests.support.findings import ask
from toolkit.checking import Status
from toolkit.checks.mariadb_slow_queries import mariadb_slow_queries
from toolkit.facts import FiguresFact


@pytest.mark.parametrize(
    ("slow", "all_", "status"), [(10, 999, Status.SKIP), (10, 1000, Status.PASS), (11, 1000, Status.WARN)]
)
def test_one_of_a_hundred_may_be_slow(slow: float, all_: float, status: Status) -> None:
    numbers = {"Slow_queries": slow, "Questions": all_, "long_query_time": 0.025}
    (one,) = ask(mariadb_slow_queries, mariadb=(FiguresFact("mariadb", numbers),))
    assert one.status is status
    assert ("long_query_time 0.025" in one.evidence) is (status is Status.WARN)
