"""The edge's values from the sections of the profile: its models, its applications, its cache and limits."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from toolkit.errors import Problem, UsageError
from toolkit.planning.edge import EdgeCache, EdgeExtras, EdgeTimeouts, EdgeTls, EdgeValues, edge_values
from toolkit.planning.edge_limits import RateLimit
from toolkit.planning.edge_pools import EdgeModel, EdgeServer
from toolkit.planning.edge_routes import EdgeRoute, Sticky
from toolkit.planning.gate import PORT as VLLM_PORT
from toolkit.planning.site import service_name
from toolkit.planning.tls import TLS_PORT
from toolkit.planning.vllm import private_port
from toolkit.settings.application import Application
from toolkit.settings.vllm import Llm

if TYPE_CHECKING:
    from toolkit.planning.plan import ModelEndpoint
    from toolkit.planning.site import Site


def edge_values_of(site: Site, models: tuple[ModelEndpoint, ...]) -> EdgeValues:
    """Return the values of the edge before `models`. Raises UsageError for a route that cannot be."""
    section = site.settings.services.edge
    try:
        return edge_values(
            models=tuple(_edge_model(model, site) for model in models),
            largest_max_model_len=max((site.context(key) for key in site.sized), default=0),
            max_connections=section.max_connections,
            # One thread per whole core: HAProxy would take all cores of the host, its limit notwithstanding.
            threads=max(1, int(section.cpus)),
            timeouts=EdgeTimeouts(
                section.timeouts.connect,
                section.timeouts.read,
                section.timeouts.write,
                section.timeouts.queue,
            ),
            check_interval_s=section.check_interval,
            extras=_extras(site),
        )
    except ValueError as error:
        step = "change the `route` of one of them in toolkit.yaml"
        raise UsageError(Problem("services", str(error), "", step)) from error


def _extras(site: Site) -> EdgeExtras:
    limit, tls = site.settings.services.edge.rate_limit, site.settings.services.edge.tls
    cached = "response_cache" in site.sections
    return EdgeExtras(
        cache=EdgeCache(generation=_generation(site)) if cached else None,
        routes=tuple(
            _route(key, section, site)
            for key, section in site.sections.items()
            if isinstance(section, Application) and ("edge", key) in site.links
        ),
        rate_limit=None if limit.requests is None else RateLimit(limit.requests, limit.window),
        tls=EdgeTls(TLS_PORT, not tls.self_signed) if tls.self_signed or tls.certificate else None,
    )


def _generation(site: Site) -> str:
    """Return what changes with the models and how they answer, and with nothing else."""
    said = [
        (
            section.served_name,
            section.model,
            str(site.settings.models[section.model]),
            str(section.flags),
            *map(str, section.lora_modules),
        )
        for section in site.sections.values()
        if isinstance(section, Llm)
    ]
    return hashlib.sha256(repr(said).encode()).hexdigest()[:12]


def _edge_model(model: ModelEndpoint, site: Site) -> EdgeModel:
    key = model.services[0].replace("-", "_")
    servers = tuple(_server(name, key, number, site) for number, name in enumerate(model.services))
    sequences = site.sequences(key)
    return EdgeModel(
        model.served_name, servers, sequences, model.fallback, model.pooling, adapters=model.adapters
    )


def _server(name: str, key: str, number: int, site: Site) -> EdgeServer:
    reach = site.reach("edge", key, VLLM_PORT, private_port(key, number))
    # On this host each replica is a service of its own, reached by its own name.
    here = site.placed["edge"] == site.placed[key]
    return EdgeServer(name, name if here else reach.host, reach.port)


def _route(key: str, section: Application, site: Site) -> EdgeRoute:
    edge, name = site.settings.services.edge, service_name(key)
    sticky = Sticky(edge.sticky.cookie, edge.sticky.max_life) if edge.sticky.enabled else None
    reach = site.reach("edge", key, section.port, section.port)
    here = site.placed["edge"] == site.placed[key]
    # On this host DNS answers with every replica; on another one each has a port of its own.
    count = 1 if here else section.replicas
    names = [name, *(f"{name}-{number}" for number in range(2, count + 1))]
    return EdgeRoute(
        name=name,
        prefix=str(section.route),
        servers=tuple(EdgeServer(one, reach.host, reach.port + i) for i, one in enumerate(names)),
        check_interval_s=edge.route_check_interval,
        replicas=section.replicas if here else 1,
        health_path=section.health_path,
        sticky=sticky,
        micro_cache=section.micro_cache,
    )
