"""The one table of images: the official pin, and the local build that keeps the same contract."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class ImagePin:
    """One image: both references, who it runs as, and how its version is asked for."""

    name: str
    registry: str
    local: str
    version: str
    uid: int
    gid: int
    version_argv: tuple[str, ...]


PINS: Mapping[str, ImagePin] = {
    pin.name: pin
    for pin in (
        ImagePin("haproxy", "haproxy:3.0.12", "llm-stack/haproxy:3.0", "3.0", 99, 99, ("haproxy", "-v")),
        ImagePin("redis", "redis:8.0.4", "llm-stack/redis:8.0", "8.0", 999, 999, ("redis-server", "--version")),
        ImagePin("mariadb", "mariadb:11.8.3", "llm-stack/mariadb:11.8", "11.8", 999, 999, ("mariadbd", "--version")),
        ImagePin("vllm", "vllm/vllm-openai:v0.32.0", "llm-stack/vllm:0.32", "0.32", 1000, 1000, ("vllm", "--version")),
        ImagePin("vllm-cpu", "vllm/vllm-openai-cpu:v0.32.0", "llm-stack/vllm:0.32", "0.32", 1000, 1000, ("vllm", "--version")),
    )
}


def image_ref(pin: ImagePin, source: Literal["registry", "local"]) -> str:
    """Return the reference for `source`."""
    return pin.registry if source == "registry" else pin.local
