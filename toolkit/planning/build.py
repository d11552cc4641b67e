"""Settings → Plan."""

from __future__ import annotations

from typing import cast

from toolkit.errors import Problem, UsageError
from toolkit.planning.edge_service import plan_edge
from toolkit.planning.images import PINS, image_ref
from toolkit.planning.mariadb import buffer_pool, plan_mariadb
from toolkit.planning.plan import (
    ImageSource,
    LogRotation,
    ModelEndpoint,
    OwnedVolume,
    Plan,
    Reason,
    ServicePlan,
)
from toolkit.planning.redis import maxmemory, plan_redis
from toolkit.planning.vllm import generated_models, plan_llm
from toolkit.settings.root import Settings
from toolkit.settings.vllm import Llm


def build_plan(settings: Settings) -> Plan:
    """Return everything decided for the settings' environment.

    Raises UsageError when a value is still `auto`, or when nothing is enabled.
    """
    source = _image_source(settings)
    llms = _enabled_llms(settings)
    models = _endpoints(llms)
    services = _services(settings, source, llms, models)
    if not services:
        raise UsageError(
            Problem("services", "nothing is enabled", next_step="set `enabled: true` on a service")
        )
    return Plan(
        environment=settings.environment,
        project=f"{settings.project}-{settings.environment}",
        image_source=source,
        logs=LogRotation(settings.logs.max_size, settings.logs.max_files),
        services=services,
        networks=_networks(settings, llms, services),
        models=models,
        generated_models=generated_models(settings.models, tuple(s.model for s in llms.values())),
        owned_volumes=_owned_volumes(services, source),
        wait_for_models=not settings.fast_startup,
        reasons=_reasons(settings),
    )


def _image_source(settings: Settings) -> ImageSource:
    unresolved = [
        key
        for key, value in (
            ("image_source", settings.image_source),
            ("engine.version", settings.engine.version),
            ("model_cache.source", settings.model_cache.source),
            *((f"services.{k}.model", s.model) for k, s in _llm_sections(settings).items() if s.enabled),
        )
        if value == "auto"
    ]
    if unresolved:
        raise UsageError(
            Problem(
                where="toolkit.yaml",
                what="values that depend on this machine are still `auto`",
                got=", ".join(unresolved),
                next_step="run `toolkit init`: it looks at the machine and writes them to toolkit.yaml",
            )
        )
    return cast("ImageSource", settings.image_source)


def _llm_sections(settings: Settings) -> dict[str, Llm]:
    return {"llm_general": settings.services.llm_general, "llm_fast": settings.services.llm_fast}


def _enabled_llms(settings: Settings) -> dict[str, Llm]:
    return {k.replace("_", "-"): s for k, s in _llm_sections(settings).items() if s.enabled}


def _endpoints(llms: dict[str, Llm]) -> tuple[ModelEndpoint, ...]:
    """Each model with the other one, where there is one, as its stand-in."""
    names = {service: section.served_name for service, section in llms.items()}
    return tuple(
        ModelEndpoint(served, service, next((n for s, n in names.items() if s != service), None))
        for service, served in names.items()
    )


def _services(
    settings: Settings, source: ImageSource, llms: dict[str, Llm], models: tuple[ModelEndpoint, ...]
) -> tuple[ServicePlan, ...]:
    wanted = settings.services
    planned: list[ServicePlan] = []
    if wanted.redis.enabled:
        planned.append(plan_redis(settings, PINS["redis"], image_ref(PINS["redis"], source)))
    if wanted.mariadb.enabled:
        planned.append(plan_mariadb(settings, PINS["mariadb"], image_ref(PINS["mariadb"], source)))
    if wanted.edge.enabled and llms:
        planned.append(plan_edge(settings, models, llms, PINS["haproxy"], image_ref(PINS["haproxy"], source)))
    vllm = "vllm-cpu" if settings.hardware == "cpu" else "vllm"
    for service, section in llms.items():
        others = tuple(m.served_name for m in models if m.service != service)
        planned.append(plan_llm(service, settings, section, others, vllm, image_ref(PINS[vllm], source)))
    return tuple(planned)


def _networks(settings: Settings, llms: dict[str, Llm], services: tuple[ServicePlan, ...]) -> dict[str, bool]:
    """Only the edge is published; the model servers get a way out only where a model comes from the Hub."""
    names = {s.name for s in services}
    downloads = any(settings.models[s.model].source.startswith("hf:") for s in llms.values())
    networks = {"public": False} if "edge" in names else {}
    if llms:
        networks["inference"] = not downloads
    if names & {"redis", "mariadb"}:
        networks["data"] = True
    return networks


def _owned_volumes(services: tuple[ServicePlan, ...], source: ImageSource) -> tuple[OwnedVolume, ...]:
    """Each volume whose root the image has not prepared for its user, with the first service that mounts it."""
    owned: dict[str, OwnedVolume] = {}
    for service in (s for s in services if not _prepared(s, source)):
        uid, gid = (int(part) for part in service.user.split(":"))
        for mount in service.mounts:
            if mount.kind == "volume":
                owned.setdefault(
                    mount.source, OwnedVolume(mount.source, service.name, mount.target, uid, gid)
                )
    return tuple(owned.values())


def _prepared(service: ServicePlan, source: ImageSource) -> bool:
    """Every image has its data directory ready for its own user, but for the official vLLM: it knows no /cache."""
    pin = PINS[service.pin]
    return service.user == f"{pin.uid}:{pin.gid}" and (source == "local" or service.fragment != "llm")


def _reasons(settings: Settings) -> dict[str, Reason]:
    return {
        "services.redis.maxmemory": maxmemory(settings.services.redis),
        "services.mariadb.innodb_buffer_pool_size": buffer_pool(settings.services.mariadb),
    }
