"""What `inspect` tells of how a container was made: limits, mounts, ports, command."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.facts import ContainerFact, MountFact, PublishedFact
from toolkit.units import MIB
from toolkit.values import replace

if TYPE_CHECKING:
    from collections.abc import Iterable

_HEALTH_LINES = 20
_PER_CPU = 1_000_000_000


def detail_of(document: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a ContainerFact that say how it was made; what an old engine does not tell is empty."""
    config, host = document.get("Config") or {}, document.get("HostConfig") or {}
    cpus = (host.get("NanoCpus") or 0) / _PER_CPU or _quota(host)
    return {
        "pid": int(document["State"].get("Pid") or 0),
        "image": config.get("Image", ""),
        "command": (*(config.get("Entrypoint") or ()), *(config.get("Cmd") or ())),
        "user": config.get("User", ""),
        "memory_limit_mib": int((host.get("Memory") or 0) // MIB),
        "cpus_limit": round(cpus, 3),
        "pids_limit": max(0, host.get("PidsLimit") or 0),
        "shm_mib": int((host.get("ShmSize") or 0) // MIB),
        "restart_policy": (host.get("RestartPolicy") or {}).get("Name", ""),
        "log_driver": (host.get("LogConfig") or {}).get("Type", ""),
        "engine_runtime": host.get("Runtime", ""),
        "cards": tuple(
            str(card)
            for request in host.get("DeviceRequests") or ()
            for card in (request.get("DeviceIDs") or ("all",))
        ),
        "health_output": _health_output(document["State"]),
        "networks": tuple(sorted((document.get("NetworkSettings") or {}).get("Networks") or ())),
        "published": tuple(_published(host.get("PortBindings") or {})),
        "mounts": tuple(_mounts(document.get("Mounts") or (), host.get("Tmpfs") or {})),
    }


def _health_output(state: dict[str, Any]) -> tuple[str, ...]:
    checks = (state.get("Health") or {}).get("Log") or ()
    return tuple(str(checks[-1].get("Output", "")).splitlines()[-_HEALTH_LINES:]) if checks else ()


def _quota(host: dict[str, Any]) -> float:
    period = host.get("CpuPeriod") or 0
    return float((host.get("CpuQuota") or 0) / period) if period else 0.0


def _published(bindings: dict[str, Any]) -> Iterable[PublishedFact]:
    for inside, outside in sorted(bindings.items()):
        for one in outside or ():
            yield PublishedFact(one.get("HostIp", ""), int(one.get("HostPort") or 0), inside)


def _mounts(mounts: Iterable[dict[str, Any]], tmpfs: dict[str, str]) -> Iterable[MountFact]:
    for one in mounts:
        yield MountFact(
            one.get("Type", ""), one.get("Source", ""), one["Destination"], not one.get("RW", True)
        )
    for target in tmpfs:
        yield MountFact("tmpfs", "", target)


def with_sources(fact: ContainerFact) -> ContainerFact:
    """Return the container with what the sources of its mounts are like on this machine."""
    return replace(fact, mounts=tuple(_with_source(mount) for mount in fact.mounts))


def _with_source(mount: MountFact) -> MountFact:
    if not mount.source:
        return mount
    with suppress(PermissionError):  # nothing is known of what this user may not see
        try:
            found = Path(mount.source).stat()
        except (FileNotFoundError, NotADirectoryError):
            return replace(mount, exists=False)
        directory = found.st_mode & 0o170000 == 0o040000
        return replace(
            mount,
            exists=True,
            directory=directory,
            uid=found.st_uid,
            gid=found.st_gid,
            mode=found.st_mode & 0o7777,
        )
    return mount
