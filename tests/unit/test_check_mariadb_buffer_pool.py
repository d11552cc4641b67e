"""mariadb.buffer_pool: pages from memory, once the pool is full."""

from __future__ import annotations

import pytest

from tests.support.findings import ask
from toolkit.checking import Finding, Status
from toolkit.checks.mariadb_buffer_pool import mariadb_buffer_pool
from toolkit.facts import FiguresFact


def found(reads: float, asked: float, free: float = 0, pages: float = 1000) -> Finding:
    numbers = {
        "Innodb_buffer_pool_reads": reads,
        "Innodb_buffer_pool_read_requests": asked,
        "Innodb_buffer_pool_pages_free": free,
        "Innodb_buffer_pool_pages_total": pages,
    }
    (one,) = ask(mariadb_buffer_pool, mariadb=(FiguresFact("mariadb", numbers),))
    return one


@pytest.mark.parametrize(
    ("reads", "asked", "free", "status"),
    [
        (9, 10, 0, Status.SKIP),
        (1e4, 1e6, 0, Status.PASS),
        (1.1e4, 1e6, 0, Status.WARN),
        (1.1e4, 1e6, 51, Status.SKIP),
    ],
)
def test_a_pool_that_is_being_filled_is_not_too_small(
    reads: float, asked: float, free: float, status: Status
) -> None:
    assert found(reads, asked, free).status is status


def test_the_change_is_more_memory() -> None:
    one = found(5e4, 1e6)
    assert one.observed == "page reads from memory: 95.0% of 1,000,000"
    assert one.changes[0].key == "services.mariadb.memory"
