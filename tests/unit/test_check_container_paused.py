"""Containers that are held up."""

from __future__ import annotations

from tests.support.findings import ask
from toolkit.checking import Status
from toolkit.checks.container_paused import container_paused
from toolkit.facts import ContainerFact
from toolkit.values import replace

NOW = "2026-01-01T12:00:00+00:00"
REDIS = ContainerFact("redis", "id", "p-redis-1", "running", "healthy", started_at="2026-01-01T11:00:00Z")


def test_a_paused_one() -> None:
    (found,) = ask(container_paused, taken_at=NOW, containers=(replace(REDIS, state="paused"),))
    assert (found.status, found.remedy) == (Status.FAIL, "docker unpause p-redis-1")


def test_one_that_starts_for_ever() -> None:
    (found,) = ask(container_paused, taken_at=NOW, containers=(replace(REDIS, health="starting"),))
    assert (found.status, found.observed) == (Status.WARN, "it has been starting for 60 minutes")
    soon = replace(REDIS, health="starting", started_at="2026-01-01T11:59:00Z")
    assert ask(container_paused, taken_at=NOW, containers=(REDIS, soon)) == ()
