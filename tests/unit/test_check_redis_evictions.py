"""redis.evictions: keys that go before their time, and are asked for again."""

from __future__ import annotations

import pytest

from tests.support.findings import ask
from tests.support.plans import plan
from toolkit.checking import Finding, Status, judge
from toolkit.checks.redis_evictions import redis_evictions
from toolkit.checks.redis_hit_rate import redis_hit_rate
from toolkit.facts import FiguresFact
from toolkit.snapshot import Snapshot


def found(evicted: float, expired: float, hits: float, misses: float) -> Finding:
    numbers = {
        "evicted_keys": evicted,
        "expired_keys": expired,
        "keyspace_hits": hits,
        "keyspace_misses": misses,
    }
    (one,) = ask(redis_evictions, redis=(FiguresFact("redis", numbers),))
    return one


@pytest.mark.parametrize(
    ("evicted", "expired", "hits", "misses", "status"),
    [
        (1000, 10, 500, 500, Status.WARN),
        (99, 10, 500, 500, Status.PASS),
        (1000, 1001, 500, 500, Status.PASS),
        (1000, 10, 900, 100, Status.PASS),
        (1000, 10, 5, 500, Status.PASS),
    ],
)
def test_a_full_cache_that_is_found_in_is_a_good_one(
    evicted: float, expired: float, hits: float, misses: float, status: Status
) -> None:
    assert found(evicted, expired, hits, misses).status is status


def test_the_change_is_twice_the_memory() -> None:
    one = found(1000, 10, 500, 500)
    (change,) = one.changes
    assert change.key == "services.redis.memory"
    assert one.remedy == f"services:\n  redis: {{memory: {change.value}}}"


def test_it_is_the_cause_of_a_poor_hit_rate() -> None:
    numbers = {"evicted_keys": 1e4, "expired_keys": 0.0, "keyspace_hits": 500.0, "keyspace_misses": 5000.0}
    seen = Snapshot("now", redis=(FiguresFact("redis", numbers),))
    cause, effect = judge([redis_hit_rate, redis_evictions], plan(), seen)
    assert (cause.check, effect.check, effect.under) == (
        "redis.evictions",
        "redis.hit_rate",
        "redis.evictions/redis",
    )
