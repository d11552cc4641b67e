"""redis.fragmentation: memory in pieces, or in swap."""

from __future__ import annotations

import pytest

from tests.support.findings import ask
from toolkit.checking import Finding, Status
from toolkit.checks.redis_fragmentation import redis_fragmentation
from toolkit.facts import FiguresFact

MIB = 2**20


def found(ratio: float, used: float) -> Finding:
    numbers = {"mem_fragmentation_ratio": ratio, "used_memory": used}
    (one,) = ask(redis_fragmentation, redis=(FiguresFact("redis", numbers),))
    return one


@pytest.mark.parametrize(
    ("ratio", "used", "status"),
    [
        (12.0, 99 * MIB, Status.SKIP),
        (1.5, 100 * MIB, Status.PASS),
        (1.51, 100 * MIB, Status.WARN),
        (0.89, 100 * MIB, Status.WARN),
    ],
)
def test_a_small_server_is_mostly_its_own_program(ratio: float, used: float, status: Status) -> None:
    assert found(ratio, used).status is status


def test_swap_is_another_cause_with_another_cure() -> None:
    assert found(0.5, 1e9).cause == "part of it is in swap"
    assert found(2.5, 1e9).remedy == "toolkit restart redis: it is a cache"
