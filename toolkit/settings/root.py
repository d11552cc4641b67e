"""The root of a profile: Settings."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from toolkit.settings.application import Application, ApplicationCache, Features, Pool, Workers
from toolkit.settings.common import Auto, Bytes, Section, Share
from toolkit.settings.edge import Edge
from toolkit.settings.elasticsearch import Elasticsearch
from toolkit.settings.hosts import GpuRules, Headroom, Host
from toolkit.settings.mariadb import Mariadb
from toolkit.settings.models import Model
from toolkit.settings.overrides import Override
from toolkit.settings.prometheus import Prometheus
from toolkit.settings.redis import Redis
from toolkit.settings.response_cache import ResponseCache
from toolkit.settings.targets import Targets
from toolkit.settings.vector_db import VectorDb
from toolkit.settings.vllm import Llm
from toolkit.settings.warm_up import WarmUp


class Engine(Section):
    """What the container engine can do, so that rendering need not ask it: `auto` until `init` has looked."""

    version: Auto | Annotated[str, Field(pattern=r"^\d+\.\d+$", examples=["20.10", "28.5"])]


class ModelCache(Section):
    """Where downloaded weights are kept: `volume`, or a directory of this machine that belongs to uid:gid."""

    source: str
    uid: Annotated[int, Field(ge=0)]
    gid: Annotated[int, Field(ge=0)]


class RunAs(Section):
    """Whom the services run as: null for the user of each image.

    The generated secrets belong to that user. Only root can give a file to another one: a profile for a machine where
    somebody else runs the toolkit names that person's uid and gid.
    """

    uid: Annotated[int, Field(ge=0)] | None
    gid: Annotated[int, Field(ge=0)] | None


class Logs(Section):
    """Rotation of every container's log."""

    max_size: Bytes
    max_files: Annotated[int, Field(ge=1, le=100)]


class Services(Section):
    """One section per shipped service."""

    edge: Edge
    response_cache: ResponseCache
    llm_general: Llm
    llm_fast: Llm
    embeddings: Llm
    redis: Redis
    mariadb: Mariadb
    vector_db: VectorDb
    elasticsearch: Elasticsearch
    prometheus: Prometheus
    api_server: Application
    chat_server: Application
    auth_server: Application
    training_server: Application


class Settings(Section):
    """What people wrote, merged from all layers, validated and frozen."""

    environment: str
    hardware: str
    preset: str | None
    persona: str | None
    strict: bool
    project: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,30}$", examples=["llm"])]
    features: Features
    image_source: Auto | Literal["registry", "local"]
    model_cache: ModelCache
    run_as: RunAs
    engine: Engine
    logs: Logs
    hosts: dict[str, Host]
    host_share: Share
    headroom: Headroom
    gpu: GpuRules
    pool: Pool
    application_cache: ApplicationCache
    workers: Workers
    warmup: WarmUp
    targets: Targets
    models: dict[str, Model]
    overrides: dict[str, Override]
    patches: list[str]
    services: Services
    own_service_base: Application
    own_services: dict[str, Application]
