"""The one table of images: the official pin, and the local build that keeps the same contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from toolkit.errors import Problem, UsageError
from toolkit.values import Value

if TYPE_CHECKING:
    from collections.abc import Mapping

_VLLM_VERSION = ("python3", "-c", "from importlib.metadata import version; print(version('vllm'))")
# That of pgvector, then PostgreSQL's major: such as 0.8.0-pg17
_VECTOR_DB_SCRIPT = r"""
major=$(postgres --version | grep -o '[0-9]*' | head -1)
control=/usr/share/postgresql/$major/extension/vector.control
echo "$(sed -n "s/^default_version = '\(.*\)'/\1/p" "$control")-pg$major"
"""


class ImagePin(Value):
    """One image: where it comes from, who it runs as, and how its version is asked for.

    `registry` is an exact version of an official image, "" where there is none; `local` names what is built here from
    Debian's packages or pinned wheels at the same major.minor, `version`: None where neither has the program. The
    service runs as `uid:gid`. `version_argv` is a whole command, to be run in place of the image's entrypoint.
    """

    name: str
    registry: str
    local: str | None
    version: str
    uid: int
    gid: int
    version_argv: tuple[str, ...]

    @property
    def context(self) -> str:
        """The directory below compose/images/ that the local image is built from. Raises UsageError: none is."""
        return local_ref(self).partition("/")[2].partition(":")[0]


def _pin(name: str, registry: str, version: str, uid: int, *version_argv: str, context: str = "") -> ImagePin:
    return ImagePin(name, registry, f"llm-stack/{context or name}:{version}", version, uid, uid, version_argv)


PINS: Mapping[str, ImagePin] = {
    pin.name: pin
    for pin in (
        _pin("haproxy", "haproxy:3.0.26", "3.0", 99, "haproxy", "-v"),
        _pin("nginx", "nginx:1.26.3", "1.26", 101, "sh", "-c", "nginx -v 2>&1"),
        _pin("redis", "redis:8.0.6", "8.0", 999, "redis-server", "--version"),
        _pin("mariadb", "mariadb:11.8.8", "11.8", 999, "mariadbd", "--version"),
        # Of the same Debian as the local build: another C library sorts texts, and so indexes, otherwise.
        _pin(
            *("vector-db", "pgvector/pgvector:0.8.7-pg17-trixie", "0.8-pg17", 999),
            *("sh", "-c", _VECTOR_DB_SCRIPT),
        ),
        _pin("prometheus", "prom/prometheus:v2.53.5", "2.53", 65534, "prometheus", "--version"),
        ImagePin(
            name="elasticsearch",
            registry="docker.elastic.co/elasticsearch/elasticsearch:8.19.22",
            local=None,
            version="8.19",
            uid=1000,
            gid=0,
            version_argv=("elasticsearch", "--version"),
        ),
        # What `bench` drives the light path with: a tool, in no plan.
        _pin("wrk", "", "4.1", 65534, "sh", "-c", "wrk -v 2>&1 | head -n 1"),
        _pin("vllm", "vllm/vllm-openai:v0.32.0", "0.32", 1000, *_VLLM_VERSION),
        # The local build is the CPU one for both.
        _pin("vllm-cpu", "vllm/vllm-openai-cpu:v0.32.0", "0.32", 1000, *_VLLM_VERSION, context="vllm"),
    )
}
BUILDABLE = tuple(name for name, pin in PINS.items() if pin.local is not None)


def image_ref(pin: ImagePin, source: Literal["registry", "local"]) -> str:
    """Return the reference for `source`. Raises UsageError where nothing is built for `local`."""
    return pin.registry if source == "registry" else local_ref(pin)


def local_ref(pin: ImagePin) -> str:
    """Return the reference of the local build. Raises UsageError where there is none."""
    if pin.local is not None:
        return pin.local
    service = f"services.{pin.name.replace('-', '_')}"
    raise UsageError(
        Problem(
            where=service,
            what="its image cannot be built on a machine: Debian has no package of it",
            got=f"only {pin.registry}",
            next_step=f"`{service}.enabled=false`, or `image_source: registry`",
        )
    )
