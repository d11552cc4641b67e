"""The engine, its images, and what was tried in it."""

from __future__ import annotations

from toolkit.values import Value


class EngineFact(Value):
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


class ImageFact(Value):
    """An image by the reference that a service uses: whether it is here, and its bytes.

    `digests` are what registries call it (`name@sha256:…`), none for one that was built here.
    """

    reference: str
    present: bool
    size_bytes: int
    identity: str = ""
    digests: tuple[str, ...] = ()
    architecture: str = ""


class UlimitFact(Value):
    """A limit (`soft:hard`) that a service asks for, tried for real.

    `refusal` is the engine's own text, "" where it works, None where there was no image to try it in.
    """

    service: str
    name: str
    value: str
    refusal: str | None


class GpuTrialFact(Value):
    """A card, handed to a container for a moment; `refusal` as with ulimits."""

    device_id: str
    refusal: str | None
