"""What was seen at one moment: every part a fact, or Unavailable with the reason; asked for by needs."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

from toolkit.facts import (
    AlertFact,
    CacheFact,
    CardFact,
    CardStateFact,
    CertificateFact,
    ClockFact,
    ContainerFact,
    DiskFact,
    EndpointFact,
    EngineFact,
    FiguresFact,
    FilesystemFact,
    GpuTrialFact,
    HostFact,
    HubFact,
    ImageFact,
    KernelFact,
    LogFact,
    ModelFilesFact,
    PortFact,
    PressureFact,
    ReachFact,
    ReleaseFact,
    Series,
    TrialFact,
    UlimitFact,
    Unavailable,
    UsageFact,
)
from toolkit.values import Value, field_names


class Need(StrEnum):
    """The parts of a snapshot, each the name of its field."""

    HOST = "host"
    DISKS = "disks"
    ENGINE = "engine"
    CARDS = "cards"
    CONTAINERS = "containers"
    IMAGES = "images"
    PORTS = "ports"
    SYSCTLS = "sysctls"
    ULIMITS = "ulimits"
    GPU_TRIALS = "gpu_trials"
    CACHE = "cache"
    MODELS = "models"
    HUB = "hub"
    NAMES = "names"
    CLOCK = "clock"
    LOGS = "logs"
    KERNEL = "kernel"
    CARD_STATES = "card_states"
    USAGE = "usage"
    PRESSURE = "pressure"
    FILESYSTEMS = "filesystems"
    CERTIFICATES = "certificates"
    RELEASE = "release"
    ENDPOINTS = "endpoints"
    ALERTS = "alerts"
    MODEL_METRICS = "model_metrics"
    EDGE_STATS = "edge_stats"
    REDIS = "redis"
    MARIADB = "mariadb"
    POSTGRESQL = "postgresql"
    TRIALS = "trials"
    SERIES = "series"


class Snapshot(Value):
    """One look at a host; `taken_at` is ISO 8601 in UTC. None is what nobody asked for."""

    taken_at: str
    host: HostFact | Unavailable | None = None
    disks: tuple[DiskFact, ...] | Unavailable | None = None
    engine: EngineFact | Unavailable | None = None
    cards: tuple[CardFact, ...] | Unavailable | None = None
    containers: tuple[ContainerFact, ...] | Unavailable | None = None
    images: tuple[ImageFact, ...] | Unavailable | None = None
    ports: tuple[PortFact, ...] | Unavailable | None = None
    sysctls: dict[str, str] | Unavailable | None = None
    ulimits: tuple[UlimitFact, ...] | Unavailable | None = None
    gpu_trials: tuple[GpuTrialFact, ...] | Unavailable | None = None
    cache: CacheFact | Unavailable | None = None
    models: tuple[ModelFilesFact, ...] | Unavailable | None = None
    hub: tuple[HubFact, ...] | Unavailable | None = None
    names: tuple[ReachFact, ...] | Unavailable | None = None
    clock: ClockFact | Unavailable | None = None
    logs: tuple[LogFact, ...] | Unavailable | None = None
    kernel: tuple[KernelFact, ...] | Unavailable | None = None
    card_states: tuple[CardStateFact, ...] | Unavailable | None = None
    usage: tuple[UsageFact, ...] | Unavailable | None = None
    pressure: PressureFact | Unavailable | None = None
    filesystems: tuple[FilesystemFact, ...] | Unavailable | None = None
    certificates: tuple[CertificateFact, ...] | Unavailable | None = None
    release: tuple[ReleaseFact, ...] | Unavailable | None = None
    endpoints: tuple[EndpointFact, ...] | Unavailable | None = None
    alerts: tuple[AlertFact, ...] | Unavailable | None = None
    model_metrics: tuple[FiguresFact, ...] | Unavailable | None = None
    """Of each model server that answers: vLLM's own names without `vllm:`, summed over their labels. Shares are 0 to 1
    (kv_cache_usage_perc), times seconds; of a histogram `_sum` and `_count`."""
    edge_stats: tuple[FiguresFact, ...] | Unavailable | None = None
    """HAProxy's `show stat` by `<proxy>/<server>/<field>` (FRONTEND or BACKEND for the whole), and `show info` by its
    own names. Bytes, milliseconds (`rtime` …), counts since its start; `status` and `check_status` are texts."""
    redis: tuple[FiguresFact, ...] | Unavailable | None = None
    """`INFO` by its own names: bytes, seconds, counts since its start (evicted_keys, keyspace_hits …)."""
    mariadb: tuple[FiguresFact, ...] | Unavailable | None = None
    """`SHOW GLOBAL STATUS` by its own names, such as Threads_connected, and `SHOW GLOBAL VARIABLES` by theirs, in
    small letters: bytes, seconds, counts since its start."""
    postgresql: tuple[FiguresFact, ...] | Unavailable | None = None
    """Of its database: pg_stat_database by its own names, the settings by theirs (as `SHOW` shows them, texts but for
    plain numbers), `index/<schema>.<table>.<index>/scans` with `…/bytes`, and `table/<schema>.<table>/seq_scan`,
    `…/idx_scan`, `…/rows`."""
    trials: tuple[TrialFact, ...] | Unavailable | None = None
    series: tuple[Series, ...] | Unavailable | None = None

    def part(self, need: Need) -> object:
        """Return the part of that need; one that nobody asked for is Unavailable, too."""
        found: object = getattr(self, need.value)
        return Unavailable("nobody looked") if found is None else found


T = TypeVar("T")


def known(part: T | Unavailable | None) -> T:
    """Return a part that was seen; a check is only asked where all its needs were. Raises LookupError otherwise."""
    if part is None or isinstance(part, Unavailable):
        raise LookupError("a check looks at what it does not name among its needs")
    return part


PARTS = tuple(name for name in field_names(Snapshot) if name != "taken_at")
