"""redis.memory: nine tenths full."""

from __future__ import annotations

import pytest

from tests.support.findings import ask
from toolkit.checking import Finding, Status
from toolkit.checks.redis_memory import redis_memory
from toolkit.facts import FiguresFact


def found(used: float, most: float, policy: str = "allkeys-lru") -> Finding:
    figures = FiguresFact("redis", {"used_memory": used, "maxmemory": most}, {"maxmemory_policy": policy})
    (one,) = ask(redis_memory, redis=(figures,))
    return one


@pytest.mark.parametrize(
    ("used", "most", "status"), [(90, 100, Status.PASS), (91, 100, Status.WARN), (5, 0, Status.SKIP)]
)
def test_without_a_limit_there_is_no_share(used: float, most: float, status: Status) -> None:
    assert found(used, most).status is status


def test_what_happens_next_depends_on_the_policy() -> None:
    assert found(95, 100).cause == "what is used least is evicted from here on"
    assert found(95, 100, "noeviction").cause == "it refuses writes once it is full"
