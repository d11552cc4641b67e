"""The types of a plan: everything decided, nothing left to a default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

ImageSource = Literal["registry", "local"]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a derived value is what it is: the formula, its inputs by key, and where the rule comes from."""

    value: object
    formula: str
    inputs: Mapping[str, object]
    source: str


@dataclass(frozen=True, slots=True)
class PublishedPort:
    """A port of the host that reaches a port of the container."""

    host_ip: str
    host_port: int
    container_port: int


@dataclass(frozen=True, slots=True)
class Mount:
    """A directory of the host (`bind`, relative to the bundle or absolute) or a named volume."""

    kind: Literal["bind", "volume"]
    source: str
    target: str
    read_only: bool


@dataclass(frozen=True, slots=True)
class Scratch:
    """A directory in memory that belongs to the service's user and goes with its container."""

    target: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class SecretFile:
    """A generated secret that one service reads from /run/secrets/<name> as uid:gid."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class DigestFile:
    """A file of the state in which `{sha256:NAME}` stands for the digest of a secret.

    Its directory carries the hash of the text, so that a new text is a new path and recreates the service,
    while the rendered tree stays free of anything that comes from a secret.
    """

    directory: str
    name: str
    text: str
    target: str
    secrets: tuple[SecretFile, ...]


@dataclass(frozen=True, slots=True)
class ConfigFiles:
    """Templates that are rendered into one directory, mounted at `target`.

    A `stable` directory keeps its path when its content changes: its service is reloaded, not recreated.
    """

    templates: tuple[str, ...]
    target: str
    values: Mapping[str, object]
    stable: bool = False


@dataclass(frozen=True, slots=True)
class HealthTimings:
    """Seconds and tries of a health check; `start_interval_s` only where the engine knows it (25+)."""

    interval_s: float
    timeout_s: float
    retries: int
    start_period_s: float
    start_interval_s: float | None


@dataclass(frozen=True, slots=True)
class ServicePlan:
    """One service as it will run; `fragment` names the file in compose/ that holds what never changes."""

    name: str
    fragment: str
    pin: str
    image: str
    user: str
    memory_bytes: int
    cpus: float
    pids: int
    health: HealthTimings
    command: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    shm_bytes: int | None = None
    ports: tuple[PublishedPort, ...] = ()
    mounts: tuple[Mount, ...] = ()
    scratch: tuple[Scratch, ...] = ()
    secrets: tuple[SecretFile, ...] = ()
    config: ConfigFiles | None = None
    digest_file: DigestFile | None = None


@dataclass(frozen=True, slots=True)
class GeneratedModel:
    """A tiny model that has to exist in the state before the server that reads it starts."""

    directory: str
    seed: int


@dataclass(frozen=True, slots=True)
class OwnedVolume:
    """A named volume, mounted at `target`, whose root must belong to uid:gid before its service starts."""

    name: str
    service: str
    target: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class ModelEndpoint:
    """A model as users address it, and the service that is its own server."""

    served_name: str
    service: str
    fallback: str | None


@dataclass(frozen=True, slots=True)
class LogRotation:
    """Bytes per log file of a container, and how many are kept."""

    max_bytes: int
    max_files: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything decided for one environment."""

    environment: str
    project: str
    image_source: ImageSource
    logs: LogRotation
    services: tuple[ServicePlan, ...]
    networks: Mapping[str, bool]
    """Name → whether it is internal (no way out, nothing published)."""
    models: tuple[ModelEndpoint, ...]
    generated_models: tuple[GeneratedModel, ...]
    owned_volumes: tuple[OwnedVolume, ...]
    wait_for_models: bool
    reasons: Mapping[str, Reason]

    def service(self, name: str) -> ServicePlan | None:
        """Return the service of that name, or None where the plan has none."""
        return next((s for s in self.services if s.name == name), None)

    @property
    def secrets(self) -> tuple[SecretFile, ...]:
        """Every secret that has to exist before the services start, in their order."""
        mounted = [secret for service in self.services for secret in service.secrets]
        by_hash = [secret for file in self.digest_files for secret in file.secrets]
        return tuple(mounted + by_hash)

    @property
    def digest_files(self) -> tuple[DigestFile, ...]:
        """Every file of the state that holds digests."""
        return tuple(s.digest_file for s in self.services if s.digest_file is not None)
