"""Sections of applications: the user's images, and what they are told about the stack."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from toolkit.settings.common import Bytes, Port, Seconds, Section, Service, Share

Count = Annotated[int, Field(ge=1)]
Used = Literal["edge", "redis", "mariadb", "vector_db", "elasticsearch"]
GpuRef = Annotated[int, Field(ge=0)] | Annotated[str, Field(pattern=r"^(GPU|MIG)-[0-9a-fA-F-]+$")]


class Application(Service):
    """A service of the user's own image; without an image it is reserved: budgeted, not rendered.

    `uses` names the services whose addresses and secrets it is given; `route` is the path under which the edge
    serves it; `outbound` whether it may reach the world; `fragment` a Compose fragment beside toolkit.yaml in place of
    the shipped one for applications. Without a `health_command` the image's own health check counts, if it has one.
    """

    image: str | None
    fragment: Annotated[str, Field(pattern=r"^\S+\.yaml$", examples=["compose/mine.yaml"])] | None
    command: list[str]
    health_command: list[str]
    uid: Annotated[int, Field(ge=0)]
    gid: Annotated[int, Field(ge=0)]
    environment: dict[str, str]
    port: Port
    replicas: Count
    route: Annotated[str, Field(pattern=r"^(/[A-Za-z0-9._~-]+)+$", examples=["/api"])] | None
    micro_cache: bool
    health_path: Annotated[str, Field(pattern=r"^/\S*$")] | None
    uses: list[Used]
    outbound: bool
    on_demand: bool
    gpus: list[GpuRef]
    gpu_share: Share | None


class Pool(Section):
    """Connections of an application's database pool: kept, at most, and the use that is aimed at."""

    size: Count
    max_size: Count
    use_low: Share
    use_high: Share


class CacheRule(Section):
    """How long and how many entries of one kind an application caches."""

    ttl: Seconds
    entries: Count


class ApplicationCache(Section):
    """What applications are told about caching (`CACHE_*`): times, entries, and the hit rate aimed at."""

    redis_ttl: Seconds
    query_ttl: Seconds
    embeddings: CacheRule
    api: CacheRule
    sessions: CacheRule
    hit_rate: Share
    hit_rate_good: Share
    memory_share: Share


class Workers(Section):
    """Bulk jobs of the applications: workers kept, at most, rows of one insert, batches at once, queue length."""

    count: Count
    max_count: Count
    batch_size: Count
    max_batches: Count
    queue: Count


class Features(Section):
    """What an environment is for; applications get these as variables, and they steer the toolkit."""

    fast_startup: bool
    lazy_loading: bool
    preload_models: bool
    preload_max_concurrent: Count
    cache_memory_limit: Bytes
    background_preloading: bool
    auto_tuning: bool
