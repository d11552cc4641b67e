"""Containers as the engine describes them, what they printed, and whether waiting for them helps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

REMOVED = "removed"
_STOPPED = frozenset({"exited", "dead"})


@dataclass(frozen=True, slots=True)
class ContainerFact:
    """One container as the engine describes it.

    `state` is the engine's word (created, running, paused, restarting, exited, dead) or `removed`.
    `health` is starting, healthy or unhealthy; None without a health check.
    `exit_code` is that of the last end, 0 before any; `restart_count` counts the engine's own restarts.
    `started_at` is RFC 3339, "" before the first start.
    """

    service: str
    container_id: str
    name: str
    state: str
    health: str | None = None
    exit_code: int = 0
    oom_killed: bool = False
    restart_count: int = 0
    image_id: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    started_at: str = ""
    error: str = ""

    @property
    def healthy(self) -> bool:
        """Whether it runs and its own health check passed; never so without a health check."""
        return self.state == "running" and self.health == "healthy"


@dataclass(frozen=True, slots=True)
class Failure:
    """A container that cannot become healthy by waiting, and why."""

    fact: ContainerFact
    why: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a wait for services ended; `pending` names the services that were not ready by then."""

    facts: tuple[ContainerFact, ...]
    failures: tuple[Failure, ...]
    pending: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether every service is ready."""
        return not self.failures and not self.pending


def failure_of(now: ContainerFact, restarts_before: int) -> str:
    """Return why a started service cannot become healthy by waiting, "" while it still can.

    `restarts_before` is its restart count when the waiting began: a growing one is a crash loop. A failing
    health check is no failure: a slow start may use up its retries and still arrive.
    """
    if now.state == REMOVED:
        return "was removed"
    if now.state == "created":
        return f"could not be started: {now.error}" if now.error else ""
    restarts = now.state == "restarting" or now.restart_count > restarts_before
    if restarts or now.state in _STOPPED:
        ended = "was killed for memory, having reached its limit," if now.oom_killed else "ended"
        after = "; the engine keeps restarting it" if restarts else ""
        return f"{ended} with exit code {now.exit_code}{after}"
    if now.state == "running" and now.health is None:
        return "has no health check, so nothing tells when it serves"
    return ""


@dataclass(frozen=True, slots=True)
class LogFact:
    """The last lines of a container's output, oldest first, and what its latest health check printed."""

    service: str
    lines: tuple[str, ...]
    health: tuple[str, ...] = ()
