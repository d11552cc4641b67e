"""Settings → Plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import chain

from toolkit.errors import Problem, UsageError
from toolkit.planning.applications import plan_application
from toolkit.planning.claims import refuse_shared_ports
from toolkit.planning.disk import disk_reasons
from toolkit.planning.edge_service import plan_edge
from toolkit.planning.elasticsearch import plan_elasticsearch
from toolkit.planning.images import PINS
from toolkit.planning.indexes import Indexes, table_indexes, vector_indexing
from toolkit.planning.inference import plan_servers
from toolkit.planning.mariadb import plan_mariadb
from toolkit.planning.mariadb_sums import too_many_connections
from toolkit.planning.model_sources import fetched, generated_models
from toolkit.planning.plan import (
    ImageSource,
    LogRotation,
    ModelEndpoint,
    OwnedVolume,
    Plan,
    ServicePlan,
)
from toolkit.planning.prometheus import plan_prometheus
from toolkit.planning.reasons import reasons_of
from toolkit.planning.redis import plan_redis
from toolkit.planning.response_cache_service import plan_response_cache
from toolkit.planning.site import Site
from toolkit.planning.start_order import start_order, starters
from toolkit.planning.starts import budget_reasons, with_starts
from toolkit.planning.survey import survey
from toolkit.planning.targets import Targets
from toolkit.planning.vector_db import plan_vector_db
from toolkit.planning.vllm import replica_names
from toolkit.planning.wanted import LLMS
from toolkit.planning.warm_ups import warm_up_rules, warm_ups
from toolkit.settings.application import Application
from toolkit.settings.root import Settings
from toolkit.settings.vllm import Llm

_Planner = Callable[[Site], ServicePlan]
# What else is enabled is a model or an application.
_PLANNERS: Mapping[str, _Planner] = {
    "redis": plan_redis,
    "mariadb": plan_mariadb,
    "prometheus": plan_prometheus,
    "vector_db": plan_vector_db,
    "elasticsearch": plan_elasticsearch,
}


def build_plan(settings: Settings) -> Plan:
    """Return everything decided for the settings' environment, for all hosts.

    Raises UsageError when a value is still `auto`, when nothing is enabled, when more is promised of a host, a disk, a
    card, a port or a route than there is, when a model surely does not fit its card, or when the profile is strict and
    something may go wrong.
    """
    site, hosts = survey(settings)
    models = _endpoints(site)
    services = tuple(service for key in site.sections for service in _planned(key, site, models))
    rendered = tuple(service for service in services if not service.reserved)
    refuse_shared_ports(settings, rendered)
    waiting = starters(site, rendered)
    order = start_order(waiting, settings.features.preload_max_concurrent)
    rendered, start_reasons = with_starts(rendered, order, waiting, site)
    return Plan(
        environment=settings.environment,
        project=f"{settings.project}-{settings.environment}",
        image_source=site.source,
        logs=LogRotation(settings.logs.max_size, settings.logs.max_files),
        hosts=hosts,
        services=rendered,
        reserved=tuple(service for service in services if service.reserved),
        networks=_networks(site, rendered),
        models=models,
        generated_models=generated_models(settings.models, _used_models(site)),
        owned_volumes=_owned_volumes(rendered, site.source),
        wait_for_models=not settings.features.fast_startup,
        applications_ask=any(used == "edge" for _, used in site.links),
        reasons={
            **reasons_of(site, hosts, models),
            **start_reasons,
            **budget_reasons(rendered),
            **disk_reasons(site, hosts, rendered),
        },
        targets=Targets(**dict(settings.targets), pool_use=settings.pool.use_high),
        indexes=_indexes(site),
        start_order=order,
        warm_ups=warm_ups(rendered, order, site),
        warm_up_rules=warm_up_rules(settings),
        warnings=_warnings(site),
    )


def _warnings(site: Site) -> tuple[Problem, ...]:
    """Return what may go wrong. Raises UsageError with it where the profile is strict."""
    sections = site.settings.services
    crowd = (
        too_many_connections(sections.mariadb, site.memory["mariadb"]) if "mariadb" in site.sections else ()
    )
    found = (*(problem for one in site.sized.values() for problem in one.warnings), *site.crowded, *crowd)
    if found and site.settings.strict:
        raise UsageError(*found)
    return found


def _planned(key: str, site: Site, models: tuple[ModelEndpoint, ...]) -> tuple[ServicePlan, ...]:
    section = site.sections[key]
    if isinstance(section, Application):
        return (plan_application(key, section, site),)
    if isinstance(section, Llm):
        others = (m.names for m in models if not m.pooling and m.served_name != section.served_name)
        return plan_servers(key, section, site, tuple(chain.from_iterable(others)) if key in LLMS else ())
    if key == "edge":
        return (plan_edge(site, models),)
    if key == "response_cache":
        return (plan_response_cache(site, models),)
    return (_PLANNERS[key](site),)


def _endpoints(site: Site) -> tuple[ModelEndpoint, ...]:
    """Each model with the other one, where there is one, as its stand-in."""
    found = {key: s for key, s in site.sections.items() if isinstance(s, Llm)}
    chat = {key: s.served_name for key, s in found.items() if key in LLMS}
    return tuple(
        ModelEndpoint(
            section.served_name,
            replica_names(key, section),
            next((n for k, n in chat.items() if k != key), None) if key in chat else None,
            pooling=key not in chat,
            adapters=tuple(one.name for one in section.lora_modules),
        )
        for key, section in found.items()
    )


def _used_models(site: Site) -> tuple[str, ...]:
    return tuple(section.model for section in site.sections.values() if isinstance(section, Llm))


def _networks(site: Site, services: tuple[ServicePlan, ...]) -> dict[str, bool]:
    """Only `public` and `outbound` lead out; the model servers where a model comes from the Hub."""
    models = site.settings.models
    servers = (section for section in site.sections.values() if isinstance(section, Llm))
    downloads = any(fetched(section, models[section.model]) for section in servers)
    internal = {
        "public": False,
        "outbound": False,
        "inference": not downloads,
        "apps": True,
        "data": True,
    }
    used = {network for service in services for network in service.networks}
    return {name: inside for name, inside in internal.items() if name in used}


def _owned_volumes(services: tuple[ServicePlan, ...], source: ImageSource) -> tuple[OwnedVolume, ...]:
    """Each volume whose root the image has not prepared for its user, with the first service that mounts it."""
    owned: dict[str, OwnedVolume] = {}
    for service in (s for s in services if not _prepared(s, source)):
        uid, gid = (int(part) for part in service.user.split(":"))
        for mount in service.mounts:
            if mount.kind == "volume" and mount.memory_bytes is None:
                owned.setdefault(
                    mount.source, OwnedVolume(mount.source, service.name, mount.target, uid, gid)
                )
    return tuple(owned.values())


def _prepared(service: ServicePlan, source: ImageSource) -> bool:
    """Every image has its data directory ready for its own user, but for the official vLLM: it knows no /cache."""
    if service.pin not in PINS:
        return True
    pin = PINS[service.pin]
    return service.user == f"{pin.uid}:{pin.gid}" and (
        source == "local" or service.pin not in {"vllm", "vllm-cpu"}
    )


def _indexes(site: Site) -> Indexes:
    services = site.settings.services
    return Indexes(
        tables=table_indexes(services.mariadb) if "mariadb" in site.sections else (),
        vectors=vector_indexing(services.vector_db) if "vector_db" in site.sections else None,
    )
