"""Asks the kernel of this machine: memory, processors, settings, clock, and the file systems under directories."""

from __future__ import annotations

import ctypes
import os
import platform
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from toolkit.facts import DiskFact, HostFact
from toolkit.probes.host import cpu_count
from toolkit.units import MIB

if TYPE_CHECKING:
    from collections.abc import Mapping

_TIME_ERROR = 5
_TIMEX_BYTES = 512  # struct timex has 208 here; more does no harm


def host_fact() -> HostFact:
    """Return what this machine has."""
    memory = psutil.virtual_memory()
    return HostFact(
        int(memory.total // MIB), int(memory.available // MIB), cpu_count(), f"Linux {platform.release()}"
    )


def disk_facts(paths: Mapping[str, Path]) -> tuple[DiskFact, ...]:
    """Return for each purpose the file system that its directory is, or would be, on."""
    return tuple(_disk(purpose, path) for purpose, path in paths.items())


def _disk(purpose: str, path: Path) -> DiskFact:
    there = next(one for one in (path.absolute(), *path.absolute().parents) if _exists(one))
    found = os.statvfs(there)
    inodes = found.f_favail / found.f_files if found.f_files else 1.0
    return DiskFact(
        purpose=purpose,
        path=str(path),
        total_mib=found.f_blocks * found.f_frsize // MIB,
        free_mib=found.f_bavail * found.f_frsize // MIB,
        free_inodes_share=round(inodes, 4),
        device=there.stat().st_dev,
    )


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except PermissionError:
        # /var/lib/docker is root's alone: its parent is on the same disk unless somebody mounted one there.
        return False


def clock_synchronised() -> bool:
    """Return whether the kernel calls its clock synchronised (adjtimex(2)), by whatever program."""
    state: int = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))
    return state not in {-1, _TIME_ERROR}
