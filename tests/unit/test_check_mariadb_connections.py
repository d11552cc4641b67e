"""mariadb.connections: how near to its maximum it has been."""

from __future__ import annotations

import pytest

from tests.support.findings import ask
from tests.support.plans import plan
from toolkit.checking import Finding, Status
from toolkit.checks.mariadb_connections import mariadb_connections
from toolkit.facts import FiguresFact


def found(used: float, most: float, refused: float = 0, *sets: str) -> Finding:
    numbers = {
        "Max_used_connections": used,
        "max_connections": most,
        "Connection_errors_max_connections": refused,
    }
    (one,) = ask(mariadb_connections, plan(*sets), mariadb=(FiguresFact("mariadb", numbers),))
    return one


@pytest.mark.parametrize(
    ("used", "refused", "status"),
    [(170, 0, Status.PASS), (171, 0, Status.WARN), (100, 1, Status.FAIL)],
)
def test_who_was_refused_counts_more_than_how_many_there_were(
    used: float, refused: float, status: Status
) -> None:
    assert found(used, 200, refused).status is status


def test_the_change_is_half_as_many_again() -> None:
    assert found(200, 200).changes[0].value == 300
    assert found(100, 200).changes == ()


def test_the_profile_says_how_full_is_full() -> None:
    assert found(150, 200).status is Status.PASS
    assert found(150, 200, 0, "pool.use_high=0.7").status is Status.WARN
