"""A machine: memory, disks, ports, clock, and what its kernel wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.values import Value, field

if TYPE_CHECKING:
    from collections.abc import Mapping


class HostFact(Value):
    """The machine: memory in MiB, cores, and what its kernel calls itself; free memory is None where it is far away."""

    memory_mib: int
    available_mib: int | None
    cpus: int
    kernel: str


class DiskFact(Value):
    """The file system under a directory that matters: `purpose` says for what, such as `images`.

    Directories of one `device` share what is free.
    """

    purpose: str
    path: str
    total_mib: int
    free_mib: int
    free_inodes_share: float
    device: int = 0


class PortFact(Value):
    """A port that a service wants.

    `holder` is who holds it, "" where nobody, or the project itself, does; `refusal` why nobody could have it.
    """

    service: str
    address: str
    port: int
    holder: str
    refusal: str = ""


class ClockFact(Value):
    """The clock: whether the kernel calls it synchronised, and how far off it is where that is known."""

    synchronised: bool
    offset_s: float | None


class KernelFact(Value):
    """The lines of the kernel's log that speak of memory kills, cards and disks, oldest first.

    `container_id` is the container that the line names, "" for none; `at` is ISO 8601 in UTC, "" where unknown.
    """

    text: str
    at: str = ""
    container_id: str = ""


class PressureFact(Value):
    """How busy the machine is: `cpu_percent` of all processors, `load_1m` of the last minute, swap in MiB.

    `stalled` is the kernel's own pressure (PSI), where it has it: the percentage of the last minute in which work
    waited, by `cpu.some`, `memory.some`, `memory.full`, `io.some`, `io.full`.
    """

    cpu_percent: float
    load_1m: float
    swap_total_mib: int
    swap_used_mib: int
    stalled: Mapping[str, float] = field(default_factory=dict)


class FilesystemFact(Value):
    """A mounted file system: of the host (`service` is ""), or one in memory that a container has of its own.

    `kind` is the kernel's word (ext4, tmpfs …); `path` is where it is mounted, in a container as that one sees it.
    """

    path: str
    kind: str
    total_mib: int
    free_mib: int
    free_inodes_share: float
    read_only: bool = False
    service: str = ""


class CertificateFact(Value):
    """A certificate in a file that a service mounts; `ends_at` is ISO 8601 in UTC, `names` what it is for."""

    service: str
    path: str
    ends_at: str
    names: tuple[str, ...] = ()
