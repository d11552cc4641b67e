"""Containers that wait for their limit."""

from __future__ import annotations

from tests.support.findings import ask
from toolkit.checking import Status
from toolkit.checks.container_cpu import container_cpu
from toolkit.facts import UsageFact


def test_busy_and_held_back() -> None:
    (found,) = ask(container_cpu, usage=(UsageFact("redis", "id", 1, 100, 97.0, 80.0),))
    assert (found.status, "services.redis.cpus" in found.remedy) == (Status.WARN, True)


def test_busy_alone_is_no_fault() -> None:
    (found,) = ask(container_cpu, usage=(UsageFact("redis", "id", 1, 100, 97.0, 0.0),))
    assert (found.status, found.remedy) == (Status.PASS, "")
    assert ask(container_cpu, usage=(UsageFact("redis", "id", 1, 100, 20.0, 90.0),)) == ()
    assert ask(container_cpu, usage=(UsageFact("redis", "id", 1, 100, None),)) == ()
