"""The one table of images: the official pin, and the local build that keeps the same contract."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

_VLLM_VERSION = ("python3", "-c", "from importlib.metadata import version; print(version('vllm'))")


@dataclass(frozen=True, slots=True)
class ImagePin:
    """One image: where it comes from, who it runs as, and how its version is asked for.

    `registry` is an exact version of an official image; `local` names what is built here from Debian's
    packages or pinned wheels at the same major.minor, `version`. the service runs as `uid:gid`.
    `version_argv` is a whole command, to be run in place of the image's entrypoint.
    """

    name: str
    registry: str
    local: str
    version: str
    uid: int
    gid: int
    version_argv: tuple[str, ...]

    @property
    def context(self) -> str:
        """The directory below compose/images/ that the local image is built from."""
        return self.local.partition("/")[2].partition(":")[0]


def _pin(name: str, registry: str, version: str, uid: int, *version_argv: str, context: str = "") -> ImagePin:
    return ImagePin(name, registry, f"llm-stack/{context or name}:{version}", version, uid, uid, version_argv)


PINS: Mapping[str, ImagePin] = {
    pin.name: pin
    for pin in (
        _pin("haproxy", "haproxy:3.0.26", "3.0", 99, "haproxy", "-v"),
        _pin("redis", "redis:8.0.6", "8.0", 999, "redis-server", "--version"),
        _pin("mariadb", "mariadb:11.8.8", "11.8", 999, "mariadbd", "--version"),
        _pin("vllm", "vllm/vllm-openai:v0.32.0", "0.32", 1000, *_VLLM_VERSION),
        # The local build is the CPU one for both.
        _pin("vllm-cpu", "vllm/vllm-openai-cpu:v0.32.0", "0.32", 1000, *_VLLM_VERSION, context="vllm"),
    )
}


def image_ref(pin: ImagePin, source: Literal["registry", "local"]) -> str:
    """Return the reference for `source`."""
    return pin.registry if source == "registry" else pin.local
