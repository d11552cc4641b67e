"""The types of a plan: everything decided, nothing left to a default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from toolkit.errors import Problem
from toolkit.planning.indexes import Indexes
from toolkit.planning.sysctls import Sysctl

ImageSource = Literal["registry", "local"]
APP_KEY = "applications"
"""The name of the API key with which applications ask the models."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a derived value is what it is: the formula, its inputs by key, and where the rule comes from."""

    value: object
    formula: str
    inputs: Mapping[str, object]
    source: str


@dataclass(frozen=True, slots=True)
class PublishedPort:
    """A port of the host that reaches a port of the container; `count` ports in a row for as many replicas."""

    host_ip: str
    host_port: int
    container_port: int
    count: int = 1


@dataclass(frozen=True, slots=True)
class Mount:
    """A directory of the host (`bind`, relative to the project's directory or absolute) or a named volume.

    With `memory_bytes` the volume is kept in memory, open to every user of the containers that mount it.
    """

    kind: Literal["bind", "volume"]
    source: str
    target: str
    read_only: bool
    memory_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Scratch:
    """A directory in memory that belongs to the service's user and goes with its container."""

    target: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class SecretFile:
    """A secret that one service reads from /run/secrets/<target> as uid:gid.

    It is generated under `name`, or is the copy of another secret or of an API key (`key:NAME`) that `copy_of` names:
    a file has one owner, so that each reader has one of its own.
    """

    name: str
    uid: int
    gid: int
    target: str = ""
    copy_of: str = ""


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
class CardPin:
    """A card that a container sees, as the engine is asked for it: its UUID where known, else its index.

    `share` is the part of the card that is the service's, 1.0 where it has the card alone.
    """

    index: int
    device_id: str
    share: float


@dataclass(frozen=True, slots=True)
class HubModel:
    """A repository of the Hugging Face Hub and its revision, None for the main branch; None for unknown weights."""

    repository: str
    revision: str | None
    weight_bytes: int | None


@dataclass(frozen=True, slots=True)
class ServicePlan:
    """One service as it will run; `fragment` names the file in compose/ that holds what never changes.

    A `reserved` service has its place in every sum, but no image yet: it is not rendered. One `on_demand` is rendered,
    but only started by name. `part_of` is the section that it comes from: a model's replicas are services of their own.
    """

    name: str
    part_of: str
    host: str
    fragment: str
    pin: str
    image: str
    user: str
    memory_bytes: int
    cpus: float
    pids: int
    health: HealthTimings
    networks: tuple[str, ...]
    replicas: int = 1
    gpus: tuple[CardPin, ...] = ()
    on_demand: bool = False
    reserved: bool = False
    awaited: bool = True
    """Whether `up` waits until it is healthy; an application without a health command cannot tell."""
    health_command: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    shm_bytes: int | None = None
    ports: tuple[PublishedPort, ...] = ()
    mounts: tuple[Mount, ...] = ()
    scratch: tuple[Scratch, ...] = ()
    secrets: tuple[SecretFile, ...] = ()
    config: ConfigFiles | None = None
    first_start: ConfigFiles | None = None
    """What the image runs once, while its data volume is new."""
    digest_file: DigestFile | None = None
    ulimits: Mapping[str, int] = field(default_factory=dict)
    """By name, soft and hard alike; -1 is unlimited."""
    sysctls: tuple[Sysctl, ...] = ()
    """What it needs of the kernel of its host."""
    hub: HubModel | None = None
    """What the service fetches from the Hub at its start, unless it has it."""

    @property
    def config_files(self) -> tuple[ConfigFiles, ...]:
        """All that is rendered for the service."""
        return tuple(one for one in (self.config, self.first_start) if one is not None)


@dataclass(frozen=True, slots=True)
class GeneratedModel:
    """A tiny model that has to exist in the state before the server that reads it starts."""

    directory: str
    seed: int
    kind: Literal["chat", "embeddings"] = "chat"


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
    """A model as users address it, the services that are its own servers, and the model that stands in for it."""

    served_name: str
    services: tuple[str, ...]
    fallback: str | None
    pooling: bool = False
    """Whether it answers with embeddings, not with text."""


@dataclass(frozen=True, slots=True)
class LogRotation:
    """Bytes per log file of a container, and how many are kept."""

    max_bytes: int
    max_files: int


@dataclass(frozen=True, slots=True)
class Card:
    """A card of a host."""

    index: int
    uuid: str | None
    name: str
    memory_bytes: int


@dataclass(frozen=True, slots=True)
class HostPlan:
    """A machine and what is planned of it; `engine` is empty for the engine that docker talks to here.

    `headroom_bytes` are kept for system and engine; `planned_bytes` is the sum over all services.
    """

    name: str
    address: str
    engine: str
    memory_bytes: int
    headroom_bytes: int
    planned_bytes: int
    cpus: float
    cards: tuple[Card, ...]

    @property
    def free_bytes(self) -> int:
        """What is neither kept nor planned."""
        return self.memory_bytes - self.headroom_bytes - self.planned_bytes


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything decided for one environment; `services` are those that are rendered, `reserved` the others."""

    environment: str
    project: str
    image_source: ImageSource
    logs: LogRotation
    hosts: tuple[HostPlan, ...]
    services: tuple[ServicePlan, ...]
    reserved: tuple[ServicePlan, ...]
    networks: Mapping[str, bool]
    """Name → whether it is internal (no way out, nothing published)."""
    models: tuple[ModelEndpoint, ...]
    generated_models: tuple[GeneratedModel, ...]
    owned_volumes: tuple[OwnedVolume, ...]
    wait_for_models: bool
    applications_ask: bool
    """Whether applications of any host ask the models through the edge, for which they need an API key."""
    reasons: Mapping[str, Reason]
    indexes: Indexes = field(default_factory=Indexes)
    """What the databases shall have as soon as the applications have made their tables."""
    warnings: tuple[Problem, ...] = ()
    """What may go wrong, and cannot be told before it is tried."""
    part: str = ""
    """The host whose part this is, where there are several; empty for a whole plan."""

    def on_host(self, name: str) -> Plan:
        """Return the part of the plan that one host runs; the models of all hosts stay known."""
        services = tuple(s for s in self.services if s.host == name)
        here = {s.name for s in services}
        used = {network for s in services for network in s.networks}
        mounted = {mount.source for s in services for mount in s.mounts}
        return replace(
            self,
            part=name if len(self.hosts) > 1 else "",
            hosts=tuple(h for h in self.hosts if h.name == name),
            services=services,
            reserved=tuple(s for s in self.reserved if s.host == name),
            networks={n: internal for n, internal in self.networks.items() if n in used},
            generated_models=tuple(m for m in self.generated_models if m.directory in mounted),
            owned_volumes=tuple(v for v in self.owned_volumes if v.service in here),
        )

    @property
    def project_directory(self) -> str:
        """The way from the rendered tree, build/<environment>/[<host>/], to the project's directory."""
        return "../../.." if self.part else "../.."

    @property
    def started(self) -> tuple[ServicePlan, ...]:
        """The services that `up` starts: all but those on demand."""
        return tuple(s for s in self.services if not s.on_demand)

    def service(self, name: str) -> ServicePlan | None:
        """Return the service of that name, or None where the plan has none."""
        return next((s for s in self.services if s.name == name), None)

    @property
    def secrets(self) -> tuple[SecretFile, ...]:
        """Every secret that is generated and has to exist before the services start, in their order."""
        mounted = [s for service in self.services for s in service.secrets if not s.copy_of]
        by_hash = [secret for file in self.digest_files for secret in file.secrets]
        return tuple(mounted + by_hash)

    @property
    def made(self) -> frozenset[str]:
        """What copies can be made of once this part of the plan was prepared: secrets, and the applications' key."""
        key = {f"key:{APP_KEY}"} if self.service("edge") is not None else set()
        return frozenset({secret.name for secret in self.secrets} | key)

    @property
    def secret_copies(self) -> tuple[SecretFile, ...]:
        """Every secret that is a copy, for a reader with a user of its own."""
        return tuple(s for service in self.services for s in service.secrets if s.copy_of)

    @property
    def sysctls(self) -> tuple[tuple[str, Sysctl], ...]:
        """What the services need of their hosts' kernels, with the name of the service."""
        return tuple((s.name, sysctl) for s in self.services for sysctl in s.sysctls)

    @property
    def digest_files(self) -> tuple[DigestFile, ...]:
        """Every file of the state that holds digests."""
        return tuple(s.digest_file for s in self.services if s.digest_file is not None)
