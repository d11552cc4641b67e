"""A container that runs, but not for long."""

from __future__ import annotations

from tests.support.findings import ask
from toolkit.checking import Status
from toolkit.checks.container_crash_loop import container_crash_loop
from toolkit.facts import ContainerFact, LogFact
from toolkit.values import replace

NOW = "2026-01-01T12:00:00+00:00"
REDIS = ContainerFact(
    "redis", "id", "p-redis-1", "running", "healthy", started_at="2026-01-01T11:59:00.123456789Z"
)
LOGS = (LogFact("redis", tuple(f"line {number}" for number in range(20))),)


def test_restarted_again_and_again() -> None:
    looping = replace(REDIS, restart_count=4, exit_code=1)
    (found,) = ask(container_crash_loop, taken_at=NOW, containers=(looping,), logs=LOGS)
    assert found.status is Status.FAIL
    assert found.observed.startswith("restarted 4 times, the last time with exit code 1")
    assert found.evidence[-1] == "line 19"


def test_long_ago_is_told_and_nothing_more() -> None:
    calm = replace(REDIS, restart_count=4, started_at="2026-01-01T01:00:00Z")
    (found,) = ask(container_crash_loop, taken_at=NOW, containers=(calm,), logs=LOGS)
    assert (found.status, found.evidence) == (Status.PASS, ())
    assert ask(container_crash_loop, taken_at=NOW, containers=(REDIS,), logs=()) == ()
