"""Looks at every file system that can fill up: those of the host, and those that containers have in memory."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from toolkit.facts import FilesystemFact
from toolkit.units import MIB

if TYPE_CHECKING:
    from toolkit.facts import ContainerFact

_KEPT = frozenset(
    {"ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "jfs", "vfat", "bcachefs", "overlay", "tmpfs"}
)
# A network file system whose server is away hangs whoever asks for it: not this look.
_OF_ENGINE = ("/var/lib/docker/overlay2/", "/var/lib/docker/containers/", "/run/docker/", "/var/run/docker/")


class _Mounted(NamedTuple):
    path: str
    kind: str
    options: str


def filesystem_facts(
    containers: Iterable[ContainerFact], proc: Path = Path("/proc")
) -> tuple[FilesystemFact, ...]:
    """Return the host's file systems, each device once, and what running containers have in memory.

    Into another container's memory only root can look; without it those are left out.
    """
    return (*_host(proc), *(fact for one in containers if one.pid for fact in _inside(one, proc)))


def _host(proc: Path) -> Iterator[FilesystemFact]:
    seen: set[int] = set()
    for one in _mounted(proc / "self" / "mounts"):
        if one.path.startswith(_OF_ENGINE):
            continue
        try:
            device = Path(one.path).stat().st_dev
            if device not in seen:
                seen.add(device)
                yield _fact(one, Path(one.path), "")
        except OSError:
            continue


def _inside(container: ContainerFact, proc: Path) -> Iterator[FilesystemFact]:
    root = proc / str(container.pid) / "root"
    try:
        mounted = [one for one in _mounted(proc / str(container.pid) / "mounts") if one.kind == "tmpfs"]
        for one in mounted:
            # What the engine covers with emptiness, and the device files, fill up with nothing.
            if not one.path.startswith(("/proc", "/sys", "/run/secrets")) and one.path != "/dev":
                yield _fact(one, root / one.path.lstrip("/"), container.service)
    except OSError:
        return


def _mounted(file: Path) -> list[_Mounted]:
    found = []
    for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
        _, path, kind, options, *_ = line.split(" ")
        if kind in _KEPT:
            found.append(_Mounted(path.replace("\\040", " "), kind, options))
    return found


def _fact(one: _Mounted, path: Path, service: str) -> FilesystemFact:
    found = os.statvfs(path)
    return FilesystemFact(
        path=one.path,
        kind=one.kind,
        total_mib=found.f_blocks * found.f_frsize // MIB,
        free_mib=found.f_bavail * found.f_frsize // MIB,
        free_inodes_share=round(found.f_favail / found.f_files, 4) if found.f_files else 1.0,
        read_only="ro" in one.options.split(","),
        service=service,
    )
