"""What the probes saw, as frozen values, and the plain readings of them that everyone shares."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from toolkit.errors import Problem

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
class Unavailable:
    """A part that could not be looked at, and why; `problems` are the same in full, where somebody worded them."""

    reason: str
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class HostFact:
    """The machine: memory in MiB, cores, and what its kernel calls itself; free memory is None where it is far away."""

    memory_mib: int
    available_mib: int | None
    cpus: int
    kernel: str


@dataclass(frozen=True, slots=True)
class DiskFact:
    """The file system under a directory that matters: `purpose` says for what, such as `images`.

    Directories of one `device` share what is free.
    """

    purpose: str
    path: str
    total_mib: int
    free_mib: int
    free_inodes_share: float
    device: int = 0


@dataclass(frozen=True, slots=True)
class EngineFact:
    """Engine and Compose: versions, runtimes by name, where images are kept, and what is limited here."""

    version: str
    api: str
    compose: str
    architecture: str
    runtimes: tuple[str, ...]
    root_dir: str
    cgroup_version: str
    memory_mib: int
    cpus: int
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CardFact:
    """One NVIDIA card as the driver shows it; memory in MiB."""

    index: int
    uuid: str
    name: str
    memory_mib: int
    used_mib: int
    compute_capability: str
    driver: str


@dataclass(frozen=True, slots=True)
class ImageFact:
    """An image by the reference that a service uses: whether it is here, and its bytes."""

    reference: str
    present: bool
    size_bytes: int


@dataclass(frozen=True, slots=True)
class PortFact:
    """A port that a service wants.

    `holder` is who holds it, "" where nobody, or the project itself, does; `refusal` why nobody could have it.
    """

    service: str
    address: str
    port: int
    holder: str
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class UlimitFact:
    """A limit (`soft:hard`) that a service asks for, tried for real.

    `refusal` is the engine's own text, "" where it works, None where there was no image to try it in.
    """

    service: str
    name: str
    value: str
    refusal: str | None


@dataclass(frozen=True, slots=True)
class GpuTrialFact:
    """A card, handed to a container for a moment; `refusal` as with ulimits."""

    device_id: str
    refusal: str | None


@dataclass(frozen=True, slots=True)
class EntryFact:
    """Who owns a file or directory, and its permission bits."""

    path: str
    uid: int
    gid: int
    mode: int

    def open_to(self, uid: int, gid: int) -> bool:
        """Return whether that user may read, write and enter, without being root over others."""
        shift = 6 if self.uid == uid else 3 if self.gid == gid else 0
        return self.mode >> shift & 0o7 == 0o7


@dataclass(frozen=True, slots=True)
class CacheFact:
    """Where downloaded weights are kept.

    `readable`: whether this user could look into it; `entries`: it and the directories in it that downloads write to;
    `repositories`: the bytes of each that is there as a whole.
    """

    path: str
    exists: bool
    readable: bool
    entries: tuple[EntryFact, ...] = ()
    repositories: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ModelFilesFact:
    """The directory of this machine that a service reads its model from."""

    service: str
    path: str
    exists: bool


@dataclass(frozen=True, slots=True)
class HubFact:
    """A repository that has to be fetched from the Hub, as it answers for the servers' own token.

    `status` is HTTP's, 0 without an answer, when `refusal` says why; `code` is the Hub's own word (GatedRepo …).
    `size_bytes` are all its files, None where it did not tell. `token` says where the token stands, "" without one;
    the token itself is nowhere. `shell_token`: whether this shell has one that the servers do not get.
    `cache_known`: whether the cache was looked into, so that it is known to be missing.
    """

    repository: str
    status: int
    code: str
    refusal: str
    size_bytes: int | None
    token: str
    shell_token: bool
    cache_known: bool


@dataclass(frozen=True, slots=True)
class ReachFact:
    """A name outside: `refusal` is "" where it is known, else why not."""

    subject: str
    refusal: str


@dataclass(frozen=True, slots=True)
class ClockFact:
    """The clock: whether the kernel calls it synchronised, and how far off it is where that is known."""

    synchronised: bool
    offset_s: float | None


@dataclass(frozen=True, slots=True)
class LogFact:
    """The last lines of a container's output, oldest first, and what its latest health check printed."""

    service: str
    lines: tuple[str, ...]
    health: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KernelFact:
    """The lines of the kernel's log that speak of memory kills, cards and disks, oldest first.

    `container_id` is the container that the line names, "" for none; `at` is ISO 8601 in UTC, "" where unknown.
    """

    text: str
    at: str = ""
    container_id: str = ""


@dataclass(frozen=True, slots=True)
class CardProcessFact:
    """A process that holds memory of a card; `service` is that of the project's container it runs in, "" for others."""

    pid: int
    name: str
    used_mib: int
    service: str = ""
    container: str = ""


@dataclass(frozen=True, slots=True)
class CardStateFact:
    """A card at work: use in percent, memory in MiB, degrees Celsius, watts; None is what the card does not tell.

    `throttle` are the driver's words for what slows it down; `ecc_uncorrected` counts since the driver was loaded.
    """

    index: int
    uuid: str
    memory_mib: int
    used_mib: int
    use_percent: int | None = None
    temperature_c: int | None = None
    power_w: float | None = None
    power_limit_w: float | None = None
    throttle: tuple[str, ...] = ()
    ecc_uncorrected: int | None = None
    processes: tuple[CardProcessFact, ...] = ()


@dataclass(frozen=True, slots=True)
class TrialFact:
    """Something that was tried as a user would, and undone: what was asked, how it ended and how long it took.

    `status` is HTTP's, 0 where it is none of HTTP; `answer` is short; `refusal` is "" where it went as it should.
    """

    name: str
    subject: str
    elapsed_s: float
    status: int = 0
    answer: str = ""
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """One figure looked at again and again: seconds since the beginning, and the value; None where it was not seen."""

    name: str
    subject: str
    unit: str
    points: tuple[tuple[float, float | None], ...]
