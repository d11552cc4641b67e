"""The types of a plan: everything decided, nothing left to a default."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from toolkit.errors import Problem
from toolkit.planning.indexes import Indexes
from toolkit.planning.plan_files import APP_KEY, ConfigFiles, DigestFile, SecretFile, TlsFiles
from toolkit.planning.plan_models import GeneratedModel, HubModel, ModelEndpoint, WarmUp, WarmUpRules
from toolkit.planning.plan_service import CardPin, HealthTimings, Mount, PublishedPort, Scratch, ServicePlan
from toolkit.planning.sysctls import Sysctl
from toolkit.planning.targets import Targets
from toolkit.values import Value, field, replace

__all__ = [
    "APP_KEY",
    "Card",
    "CardPin",
    "ConfigFiles",
    "DigestFile",
    "GeneratedModel",
    "HealthTimings",
    "HostPlan",
    "HubModel",
    "ImageSource",
    "LogRotation",
    "ModelEndpoint",
    "Mount",
    "OwnedVolume",
    "Plan",
    "PublishedPort",
    "Reason",
    "Scratch",
    "SecretFile",
    "ServicePlan",
    "TlsFiles",
    "WarmUp",
    "WarmUpRules",
]

ImageSource = Literal["registry", "local"]


class Reason(Value):
    """Why a derived value is what it is: the formula, its inputs by key, and where the rule comes from.

    An input is a key of the profile, the key of another reason, or a name of the formula's own. `unit` is the value's:
    bytes, MiB, ms, s, tokens; empty for a bare number and for text.
    """

    value: object
    formula: str
    inputs: Mapping[str, object]
    source: str
    unit: str = ""


class OwnedVolume(Value):
    """A named volume, mounted at `target`, whose root must belong to uid:gid before its service starts."""

    name: str
    service: str
    target: str
    uid: int
    gid: int


class LogRotation(Value):
    """Bytes per log file of a container, and how many are kept."""

    max_bytes: int
    max_files: int


class Card(Value):
    """A card of a host."""

    index: int
    uuid: str | None
    name: str
    memory_bytes: int


class HostPlan(Value):
    """A machine and what is planned of it; `engine` is empty for the engine that docker talks to here.

    `headroom_bytes` are kept for system and engine; `planned_bytes` is the sum over all services; `disk_bytes` is None
    where nobody has said it.
    """

    name: str
    address: str
    engine: str
    memory_bytes: int
    headroom_bytes: int
    planned_bytes: int
    cpus: float
    cards: tuple[Card, ...]
    disk_bytes: int | None = None

    @property
    def free_bytes(self) -> int:
        """What is neither kept nor planned."""
        return self.memory_bytes - self.headroom_bytes - self.planned_bytes


class Plan(Value):
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
    targets: Targets
    indexes: Indexes = field(default_factory=Indexes)
    """What the databases shall have as soon as the applications have made their tables."""
    start_order: tuple[tuple[str, ...], ...] = ()
    """Waves of services: nothing stands before what it needs; what runs on demand stands in none."""
    warm_ups: tuple[WarmUp, ...] = ()
    """The model servers in the order in which they start."""
    warm_up_rules: WarmUpRules = field(default_factory=WarmUpRules)
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
            start_order=tuple(
                here_of for wave in self.start_order if (here_of := tuple(n for n in wave if n in here))
            ),
            warm_ups=tuple(w for w in self.warm_ups if w.service in here),
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
    def tls(self) -> TlsFiles | None:
        """With what the edge of this part is asked over TLS, None where it is not."""
        return next((s.tls for s in self.services if s.tls is not None), None)

    @property
    def digest_files(self) -> tuple[DigestFile, ...]:
        """Every file of the state that holds digests."""
        return tuple(s.digest_file for s in self.services if s.digest_file is not None)
