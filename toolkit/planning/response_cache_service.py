"""The response cache as a service: reached by nobody but the edge, over sockets that both share."""

from __future__ import annotations

from toolkit.errors import Problem, UsageError
from toolkit.planning.edge_sections import edge_values_of
from toolkit.planning.images import PINS
from toolkit.planning.plan import ConfigFiles, ModelEndpoint, Mount, ServicePlan
from toolkit.planning.response_cache import (
    COMMAND,
    CONFIG_DIR,
    DIRECTORY,
    TEMPLATES,
    ResponseCacheValues,
    response_cache_values,
)
from toolkit.planning.site import Site, user_of
from toolkit.planning.sockets import SOCKETS
from toolkit.values import fields_of


def plan_response_cache(site: Site, models: tuple[ModelEndpoint, ...]) -> ServicePlan:
    """Return the service `response-cache`. Raises UsageError where it is not on the edge's host, or has no size."""
    _refuse_elsewhere(site)
    pin = PINS["nginx"]
    return ServicePlan(
        name="response-cache",
        fragment="response-cache",
        pin="nginx",
        image=site.image(pin),
        user=str(user_of(site.settings.run_as, pin)),
        command=COMMAND,
        networks=(),
        mounts=(Mount("volume", "response-cache", DIRECTORY, read_only=False), SOCKETS),
        config=ConfigFiles(TEMPLATES, CONFIG_DIR, fields_of(response_cache_values_of(site, models))),
        **site.leaves("response_cache"),
    )


def response_cache_values_of(site: Site, models: tuple[ModelEndpoint, ...]) -> ResponseCacheValues:
    """Return the values of nginx.conf from the sections of the profile."""
    section = site.settings.services.response_cache
    return response_cache_values(
        edge_values_of(site, models),
        ttl_s=section.ttl,
        entries=section.entries,
        size_bytes=site.settings.features.cache_memory_limit,
        micro_ttl_s=section.micro_ttl,
        cpus=section.cpus,
    )


def _refuse_elsewhere(site: Site) -> None:
    edge, own = site.placed["edge"], site.placed["response_cache"]
    if edge != own:
        what = f"has to be on the edge's host, `{edge}`: they share sockets"
        step = f"write services.response_cache.host: {edge}"
        raise UsageError(Problem("services.response_cache.host", what, own, step))
