"""What the engine tells of itself and of its machine, in one fact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from toolkit.facts import EngineFact, HostFact, ImageFact
from toolkit.probes.engine_api import NotFoundError
from toolkit.units import MIB

if TYPE_CHECKING:
    from collections.abc import Iterable

    from toolkit.probes.engine_api import EngineApi


def engine_fact(info: dict[str, Any], version: str, api: str, compose: str, architecture: str) -> EngineFact:
    """Return the fact in the engine's `info` and the versions that engine and Compose name."""
    return EngineFact(
        version=version,
        api=api,
        compose=compose,
        architecture=architecture,
        runtimes=tuple(sorted(info.get("Runtimes") or {})),
        root_dir=info.get("DockerRootDir", ""),
        cgroup_version=info.get("CgroupVersion", ""),
        memory_mib=int(info.get("MemTotal", 0) // MIB),
        cpus=int(info.get("NCPU", 0)),
        warnings=tuple(info.get("Warnings") or ()),
    )


def far_host_fact(info: dict[str, Any]) -> HostFact:
    """Return the machine of an engine that is not on this one, as far as the engine tells."""
    return HostFact(
        memory_mib=int(info["MemTotal"] // MIB),
        available_mib=None,
        cpus=int(info["NCPU"]),
        kernel=f"Linux {info.get('KernelVersion', '')}",
    )


def image_facts(api: EngineApi, references: Iterable[str]) -> tuple[ImageFact, ...]:
    """Return each image, once, whether the engine has it."""
    return tuple(_image(api, reference) for reference in dict.fromkeys(references))


def _image(api: EngineApi, reference: str) -> ImageFact:
    try:
        found = api.image(reference)
    except NotFoundError:
        return ImageFact(reference, False, 0)
    return ImageFact(
        reference=reference,
        present=True,
        size_bytes=int(found.get("Size", 0)),
        identity=found.get("Id", ""),
        digests=tuple(found.get("RepoDigests") or ()),
        architecture=found.get("Architecture", ""),
    )
