"""Is there room where it is needed?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Suite, check
from toolkit.diagnosis import EVIDENCE, TOLD, Hit, Rule, Scene, Signal, against, read, speaks_for
from toolkit.findings import Change, Finding

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot

_FULL = (
    r"(?i:no space left on device)|ENOSPC|[Dd]isk(?: is)? (?:quota exceeded|full)|os error 28|Errno 28"
    r"|Errcode: 28|error:? (?:number )?28\b|not enough (?:disk )?space|DiskFull|disk_full|EDQUOT"
)
_SHM = (
    r"shared memory (?:segment|file)|/dev/shm|shm_open|posix_fallocate|ncclShm|SharedMemory|bus error"
    r"|Bus error|PostgreSQL\.\d+"
)
_SUBJECT = r"huggingface|hub|download|\.incomplete|snapshot|blobs|safetensors|hf_transfer|xet"


def _disk_full(hit: Hit, scene: Scene) -> Iterator[Signal]:
    for one in scene.full_disks:
        yield speaks_for(f"{one.path} ({one.purpose}) has {one.free_mib} of {one.total_mib} MiB left", 2)
    if scene.disks and not scene.full_disks:
        most = max(scene.disks, key=lambda one: one.free_mib)
        yield against(f"the disks have room ({most.free_mib} MiB under {most.path})", 2)
    if re.search(_SHM, hit.line.text):
        yield against("the line names shared memory", 2)


def _inodes(hit: Hit, scene: Scene) -> Iterator[Signal]:
    del hit
    for one in scene.disks_without_inodes:
        yield speaks_for(f"{one.path} ({one.purpose}) has {one.free_inodes_share:.1%} of its inodes left", 4)
    if scene.disks and not scene.disks_without_inodes:
        yield against("all disks have inodes left")


def _shm(hit: Hit, scene: Scene) -> Iterator[Signal]:
    for one in scene.full_filesystems:
        if one.service == hit.subject and one.path == "/dev/shm":
            yield speaks_for(f"/dev/shm of {one.service} ({one.total_mib} MiB) is full", 2)
    if re.search(_SHM, hit.line.text):
        yield speaks_for("the line names shared memory", 3)
    size = scene.shm_mib(hit.subject)
    if size is not None and size <= 128 and re.search(_SHM, hit.line.text):
        yield speaks_for(f"/dev/shm of {hit.subject} is {size} MiB")


def _elsewhere(hit: Hit, scene: Scene) -> Iterator[Signal]:
    for one in scene.full_filesystems:
        if one.service == hit.subject and one.path != "/dev/shm":
            yield speaks_for(f"{one.path} of {one.service} is a tmpfs of {one.total_mib} MiB, and full", 3)
    if re.search(_SHM, hit.line.text):
        yield against("the line names shared memory")
    if scene.disks and not scene.full_disks and not scene.disks_without_inodes:
        yield speaks_for("the disks that this project knows have room and inodes")
    if scene.told(hit.subject, _SUBJECT):
        yield speaks_for("it was downloading weights")


def _run_full(hit: Hit, scene: Scene) -> Iterator[Signal]:
    for one in scene.full_filesystems:
        if not one.service and one.path.startswith(("/run", "/var/run")):
            yield speaks_for(f"{one.path} of the host ({one.total_mib} MiB) is full", 4)
    if scene.told(hit.subject, r"(?:^|[\s\"':(=])/(?:var/)?run/|containerd-shim|\brunc\b|\bshim\b"):
        yield speaks_for("the path is under /run, which is memory", 3)


def _log_files(hit: Hit, scene: Scene) -> Iterator[Signal]:
    if scene.told(hit.subject, r"-json\.log"):
        yield speaks_for("the largest files are the engine's logs (*-json.log)", 3)


RULES = (
    Rule(
        "disk full",
        says=_FULL,
        cause="the disk under it is full",
        remedy="make room: `docker system df` shows images, volumes and build cache, `docker builder prune` and "
        "`docker image prune` take none of your data; then restart the service",
        weight=2,
        facts=_disk_full,
        lasting=True,
    ),
    Rule(
        "no inodes left",
        says=_FULL,
        cause="the file system has no inodes left: very many small files, while df still shows free "
        "gigabytes",
        remedy="`df -i` shows it; remove small files (old layers: `docker image prune`), or move the data "
        "to a file system with more inodes (xfs)",
        weight=0,
        facts=_inodes,
        lasting=True,
        rejects=("the disk is full: it has free gigabytes",),
    ),
    Rule(
        "/dev/shm too small",
        says=_FULL + r"|could not resize shared memory segment|insufficient shared memory"
        r"|unable to open shared memory object|DataLoader worker.*Bus error",
        cause="/dev/shm of the container is too small for what the process puts there: memory that is limited by "
        "shm_size, not a disk (of PostgreSQL: maintenance_work_mem or parallel workers are larger)",
        remedy="raise shm_size of {section} over what is asked (for an index: over maintenance_work_mem; "
        "1GiB), or lower that",
        weight=0,
        facts=_shm,
        changes=lambda hit, scene: (
            [Change(f"{scene.section(hit.subject)}.shm_size", "1GiB")]
            if scene.key(hit.subject).startswith(("llm", "embed", "train"))
            else ()
        ),
        lasting=True,
        rejects=("the disk is full: what is named is memory, whatever SQLSTATE 53100 or disk_full say",),
    ),
    Rule(
        "another, smaller file system than the one with room",
        says=_FULL,
        cause="what is written goes to another, smaller file system than the one with room: the container's layer, "
        "/tmp (a tmpfs), or the default cache on the system disk (~/.cache/huggingface instead of the mounted "
        "HF_HOME)",
        remedy="move it to the large disk: mount HF_HOME there (model_cache.source: PATH) and TMPDIR with "
        "it; `docker exec … df -h` shows which is full",
        weight=1,
        facts=_elsewhere,
        lasting=True,
        rejects=("the data disk is full: df shows room there, it is another file system",),
    ),
    Rule(
        "/run full",
        says=_FULL,
        cause="/run (a tmpfs of the host) is full: health checks that run in the container leak files of "
        "the engine's shim there",
        remedy="restart that container, then the engine; update containerd; make the health check lighter "
        "or rarer",
        weight=0,
        facts=_run_full,
        lasting=True,
        rejects=("the disk is full: /run is memory",),
    ),
    Rule(
        "logs of containers",
        says=r"-json\.log",
        cause="the logs of containers fill the disk: json-file without max-size, and one container that writes "
        "without end (`docker system df` does not count them)",
        remedy="set max-size and max-file (`logs.max_size`, of other containers log-opts in "
        "/etc/docker/daemon.json) and recreate the containers; `truncate -s 0` the file for now",
        weight=2,
        facts=_log_files,
        lasting=True,
        rejects=("the disk is too small: the log grows back after every enlargement",),
    ),
    Rule(
        "too few watches or files",
        says=r"inotify.*(?:No space left|limit)|fsnotify.*(?:no space|too many)"
        r"|ENOSPC: System limit for number of file watchers|^(?!.*(?:errors like"
        r"|can cause)).*[Tt]oo many open files"
        r"|EMFILE|received 0 items of ancdata",
        cause="a limit of the kernel for open files or inotify watches is reached, not a disk",
        remedy="`sysctl -w fs.inotify.max_user_instances=512 fs.inotify.max_user_watches=524288` for "
        "watches; for open files raise the ulimit nofile",
        weight=3,
        lasting=True,
        rejects=("the disk is full: inotify says ENOSPC for its own limit",),
    ),
    Rule(
        "control groups used up",
        says=r"(?:no space left on device|ENOSPC).{0,80}/sys/fs/cgroup|/sys/fs/cgroup.{0,120}no space left "
        r"on device",
        cause="the kernel has no room for another control group (leaked ones of old kernels, or cpuset not set), "
        "which it calls `no space left`",
        remedy="restart the host; update kernel, docker and runc; of leaked memory groups "
        "cgroup.memory=nokmem",
        weight=4,
        lasting=True,
        rejects=("the disk is full: /sys/fs/cgroup is none",),
    ),
    Rule(
        "quota",
        says=r"[Dd]isk quota exceeded|EDQUOT|Errno 122|os error 122",
        cause="a quota of the user, project or network share is used up, while the disk has room",
        remedy="`quota -s` or the share's owner tells; raise it, or write elsewhere",
        weight=4,
        lasting=True,
    ),
)


@check(
    "storage.space",
    "There is room where services write",
    needs=TOLD,
    wants=EVIDENCE,
    suites={Suite.DIAGNOSE},
    explains=(
        "disk.pressure",
        "container.image",
        "mariadb.*",
        "postgres.*",
        "redis.*",
        "elasticsearch.*",
        "prometheus.*",
        "hub.*",
        "models.weights",
    ),
)
def storage_space(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Say what is full when something says `No space left on device`.

    That text stands for six things: a disk, its inodes, /dev/shm, another tmpfs such as /tmp or /run, a quota, or
    a limit of inotify. What the line names, what df shows of space and inodes, and the size of /dev/shm decide. A
    PostgreSQL that cannot resize a shared memory segment reports `disk_full` with gigabytes free: it is shm_size.
    What was rejected is listed with its reason. Never delete volumes to make room.
    """
    return read(RULES, plan, seen)
