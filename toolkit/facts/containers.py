"""Containers as the engine describes them, what they printed, and whether waiting for them helps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.values import Value, field

if TYPE_CHECKING:
    from collections.abc import Mapping

REMOVED = "removed"
_STOPPED = frozenset({"exited", "dead"})


class MountFact(Value):
    """A mount of a container: `kind` is bind, volume or tmpfs; `source` a path of the host, for a volume its own.

    What the source is like (`exists`, owner, permission bits) is None where only the host itself could tell.
    """

    kind: str
    source: str
    target: str
    read_only: bool = False
    exists: bool | None = None
    directory: bool | None = None
    uid: int | None = None
    gid: int | None = None
    mode: int | None = None


class PublishedFact(Value):
    """A port of the host that reaches a port of a container, such as `8000/tcp`; 0 is one of the engine's choice."""

    address: str
    host_port: int
    container_port: str


class ContainerFact(Value):
    """One container as the engine describes it.

    `state` is the engine's word (created, running, paused, restarting, exited, dead) or `removed`.
    `health` is starting, healthy or unhealthy; None without a health check.
    `exit_code` is that of the last end, 0 before any; `restart_count` counts the engine's own restarts.
    `started_at` and `finished_at` are RFC 3339, "" before the first start, and before the first end.
    `pid` is that of its first process on the host, 0 while it does not run. `command` is the entry point with its
    words, `image` the reference it was made of. Limits are 0 where there are none; `shm_mib` is that of /dev/shm.
    `health_output` is what the latest
    health check printed; `cards` are the devices asked for, as the engine was told; `engine_runtime` is runc, nvidia …
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
    finished_at: str = ""
    pid: int = 0
    image: str = ""
    command: tuple[str, ...] = ()
    user: str = ""
    memory_limit_mib: int = 0
    cpus_limit: float = 0.0
    pids_limit: int = 0
    shm_mib: int = 0
    restart_policy: str = ""
    log_driver: str = ""
    engine_runtime: str = ""
    cards: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    health_output: tuple[str, ...] = ()
    published: tuple[PublishedFact, ...] = ()
    mounts: tuple[MountFact, ...] = ()

    @property
    def healthy(self) -> bool:
        """Whether it runs and its own health check passed; never so without a health check."""
        return self.state == "running" and self.health == "healthy"


class Failure(Value):
    """A container that cannot become healthy by waiting, and why."""

    fact: ContainerFact
    why: str


class Outcome(Value):
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


class LogFact(Value):
    """The last lines of a container's output, oldest first, and what its latest health check printed."""

    service: str
    lines: tuple[str, ...]
    health: tuple[str, ...] = ()


class UsageFact(Value):
    """What a running container uses now: memory without what the kernel could drop at once.

    `cpu_percent` is of what it may use: 100 is its limit, or all processors where it has none. `throttled_percent` is
    the share of the scheduler's periods in which it waited for its limit, while it was looked at.
    `oom_kills` counts kills for memory in it since it was created, of whatever process. None is what is not known.
    """

    service: str
    container_id: str
    memory_mib: int
    memory_limit_mib: int
    cpu_percent: float | None = None
    throttled_percent: float | None = None
    pids: int = 0
    pids_limit: int = 0
    oom_kills: int | None = None
