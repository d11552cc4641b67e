"""Memory of host, services and control parts against what is theirs."""

from __future__ import annotations

from tests.support.plans import plan
from tests.support.watches import series, statuses, watched
from toolkit.checks.watch_memory import watch_memory
from toolkit.units import MIB


def test_memory() -> None:
    limit = next(s.memory_bytes for s in plan().services if s.name == "redis") / MIB
    seen = [
        series("host_memory", "host", [0.5, 0.9, 0.5]),
        series("memory", "redis", [limit * 0.5, limit * 0.97]),
        series("memory", "edge", [100.0]),
        series("memory", "prometheus", [60.0]),
    ]
    found = watched(watch_memory, *seen)
    assert statuses(found) == {
        "host": "pass",
        "redis": "fail",
        "edge": "pass",
        "prometheus": "pass",
        "control parts": "pass",
    }
    assert found["redis"].remedy == "give it more: services.redis.memory in toolkit.yaml"
    assert found["control parts"].observed == "160MiB"


def test_a_full_host_and_control_parts_that_take_too_much() -> None:
    seen = [series("host_memory", "host", [0.9] * 3), series("memory", "edge", [600.0])]
    found = statuses(watched(watch_memory, *seen))
    assert (found["host"], found["control parts"]) == ("fail", "fail")
