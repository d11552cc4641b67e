"""Is there room for volumes and logs?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Status, Suite, check
from toolkit.demands import data_bytes, disk_of
from toolkit.snapshot import Need, known
from toolkit.units import MIB, about_gib

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot

_INODES_SHARE = 0.05


@check(
    "disk.data",
    "The disk has room for volumes and logs",
    needs={Need.DISKS},
    suites={Suite.PREFLIGHT, Suite.DIAGNOSE},
)
def disk_data(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Warn where volumes could not grow to what an empty server takes, and logs to their limit; fail on a full disk.

    What is in the volumes already is not counted again by the engine, so a stack that runs needs less than this says.
    """
    disk = disk_of(known(seen.disks), "data")
    if disk is None:
        return
    wanted = data_bytes(plan)
    lacking = disk.free_mib * MIB < wanted
    inodes = disk.free_inodes_share < _INODES_SHARE
    full = disk.free_mib * MIB < wanted / 10
    status = Status.FAIL if full else Status.WARN if lacking or inodes else Status.PASS
    yield Finding(
        subject=disk.path,
        status=status,
        observed=f"{about_gib(disk.free_mib * MIB)} free, {disk.free_inodes_share:.0%} of its inodes",
        expected=f"{about_gib(wanted)} for fresh volumes and logs at their limit, {_INODES_SHARE:.0%} of the inodes",
        remedy=""
        if status is Status.PASS
        else "`docker system df` shows what the engine holds; `docker builder prune` frees what builds left",
    )
