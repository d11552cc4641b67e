"""A machine: memory, disks, ports, clock, and what its kernel wrote."""

from __future__ import annotations

from dataclasses import dataclass


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
class ClockFact:
    """The clock: whether the kernel calls it synchronised, and how far off it is where that is known."""

    synchronised: bool
    offset_s: float | None


@dataclass(frozen=True, slots=True)
class KernelFact:
    """The lines of the kernel's log that speak of memory kills, cards and disks, oldest first.

    `container_id` is the container that the line names, "" for none; `at` is ISO 8601 in UTC, "" where unknown.
    """

    text: str
    at: str = ""
    container_id: str = ""
