"""The types of one planned service: what it runs, and what it has of its host."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from toolkit.planning.plan_files import ConfigFiles, DigestFile, SecretFile, TlsFiles
from toolkit.planning.plan_models import HubModel
from toolkit.planning.start import Start
from toolkit.planning.sysctls import Sysctl
from toolkit.values import Value, field

_SHIPPED_APPLICATIONS = frozenset({"api_server", "chat_server", "auth_server", "training_server"})


class PublishedPort(Value):
    """A port of the host that reaches a port of the container; `count` ports in a row for as many replicas."""

    host_ip: str
    host_port: int
    container_port: int
    count: int = 1


class Mount(Value):
    """A directory of the host (`bind`, relative to the project's directory or absolute) or a named volume.

    With `memory_bytes` the volume is kept in memory, open to every user of the containers that mount it.
    """

    kind: Literal["bind", "volume"]
    source: str
    target: str
    read_only: bool
    memory_bytes: int | None = None


class Scratch(Value):
    """A directory in memory that belongs to the service's user and goes with its container."""

    target: str
    size_bytes: int


class HealthTimings(Value):
    """Seconds and tries of a health check; `start_interval_s` only where the engine knows it (25+)."""

    interval_s: float
    timeout_s: float
    retries: int
    start_period_s: float
    start_interval_s: float | None


class CardPin(Value):
    """A card that a container sees, as the engine is asked for it: its UUID where known, else its index.

    `share` is the part of the card that is the service's, 1.0 where it has the card alone.
    """

    index: int
    device_id: str
    share: float


class ServicePlan(Value):
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
    entrypoint: tuple[str, ...] = ()
    """In the place of the image's own, which it runs in the end; empty for just that one."""
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
    tls: TlsFiles | None = None
    """With what it is asked over TLS, None for in the clear."""
    ulimits: Mapping[str, int] = field(default_factory=dict)
    """By name, soft and hard alike; -1 is unlimited."""
    sysctls: tuple[Sysctl, ...] = ()
    """What it needs of the kernel of its host."""
    needs: tuple[str, ...] = ()
    """Services of its host that have to be healthy before its container is started."""
    start: Start = field(default_factory=Start)
    """Whom its server waits for inside the container, and how long it loads."""
    fetches: tuple[HubModel, ...] = ()
    """What the service fetches from the Hub at its start, unless it has it: its model, and adapters."""

    @property
    def section(self) -> str:
        """Where it stands in toolkit.yaml: `services.redis`, or `own_services.mine`."""
        own = not self.pin and self.part_of not in _SHIPPED_APPLICATIONS
        return f"{'own_services' if own else 'services'}.{self.part_of}"

    @property
    def config_files(self) -> tuple[ConfigFiles, ...]:
        """All that is rendered for the service."""
        return tuple(one for one in (self.config, self.first_start) if one is not None)
