"""redis.hit_rate: what it is asked for is there."""

from __future__ import annotations

import pytest

from tests.support.findings import ask
from toolkit.checking import Finding, Status
from toolkit.checks.redis_hit_rate import redis_hit_rate
from toolkit.facts import FiguresFact


def found(hits: float, misses: float) -> Finding:
    (one,) = ask(
        redis_hit_rate, redis=(FiguresFact("redis", {"keyspace_hits": hits, "keyspace_misses": misses}),)
    )
    return one


@pytest.mark.parametrize(
    ("hits", "misses", "status"),
    [(0, 999, Status.SKIP), (800, 200, Status.PASS), (799, 201, Status.WARN), (1e9, 1, Status.PASS)],
)
def test_the_target_is_that_of_the_profile(hits: float, misses: float, status: Status) -> None:
    assert found(hits, misses).status is status


def test_a_fresh_server_has_no_rate() -> None:
    assert found(3, 7).observed == "too few to tell: look-ups answered of 10"
    assert found(3, 7).remedy == ""
