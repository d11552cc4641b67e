"""Does a file system fill up?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Status, Suite, check
from toolkit.snapshot import Need, known

if TYPE_CHECKING:
    from toolkit.facts import FilesystemFact
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot

_HIGH, _FULL = 0.90, 0.97
_INODES_LOW, _INODES_OUT = 0.05, 0.01
# Small ones of the kernel and of boot loaders are full by design.
_LEAST_MIB = 32
_WRITTEN = frozenset({"ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "tmpfs"})


@check(
    "disk.pressure",
    "No file system fills up",
    needs={Need.FILESYSTEMS},
    suites={Suite.DIAGNOSE},
    explains=("container.*", "endpoint.*", "storage.*", "redis.*", "mariadb.*", "postgres*", "vllm.*"),
)
def disk_pressure(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Warn of a file system over 90 % full, fail over 97 %; the same of inodes with 5 % and 1 % left.

    Also of those in memory that a container has of its own, such as /dev/shm: they are full while every disk has room.
    """
    worst = Status.PASS
    for one in known(seen.filesystems):
        if one.kind not in _WRITTEN or one.total_mib < _LEAST_MIB or one.read_only:
            continue
        used = 1 - one.free_mib / one.total_mib
        full = used > _FULL or one.free_inodes_share < _INODES_OUT
        if full or used > _HIGH or one.free_inodes_share < _INODES_LOW:
            worst = Status.FAIL if full else Status.WARN
            yield _finding(one, worst, used, plan)
    if worst is Status.PASS:
        yield Finding("file systems", Status.PASS, f"all of them are under {_HIGH:.0%} full")


def _finding(one: FilesystemFact, status: Status, used: float, plan: Plan) -> Finding:
    service = plan.service(one.service) if one.service else None
    inodes = one.free_inodes_share < _INODES_LOW
    observed = f"{used:.0%} of {one.total_mib} MiB in use" + (
        f", {one.free_inodes_share:.1%} of its inodes free" if inodes else ""
    )
    if one.service:
        shm = one.path == "/dev/shm"
        sized = service is not None and service.shm_bytes
        key = f"{service.section}.shm_size" if service and sized else f"compose/{one.service}.patch.yaml"
        remedy = f"toolkit restart {one.service} empties it" + (f"; then give it more: {key}" if shm else "")
    else:
        remedy = (
            "`docker system df` shows what the engine holds, `docker builder prune` frees what builds left; "
            f"`du -xh --max-depth=2 {one.path} | sort -h | tail` names the largest directories"
        )
    return Finding(
        subject=f"{one.service}:{one.path}" if one.service else one.path,
        status=status,
        observed=observed,
        expected=f"under {_HIGH:.0%}, {_INODES_LOW:.0%} of the inodes free",
        cause="too many small files" if inodes and used < _HIGH else "",
        remedy=remedy,
        concerns=(one.service,) if one.service else (),
    )
