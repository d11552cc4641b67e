"""Waves of services → what each of them waits for by itself, for how long, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from toolkit.planning.gate import gate
from toolkit.planning.loading import expected_start
from toolkit.planning.plan import Reason
from toolkit.planning.start import PATIENCE, Before, budgets
from toolkit.planning.wanted import MODELS
from toolkit.settings.vllm import Llm
from toolkit.values import replace

if TYPE_CHECKING:
    from toolkit.planning.plan import ServicePlan
    from toolkit.planning.site import Site
    from toolkit.planning.start_order import Starter


def with_starts(
    services: Sequence[ServicePlan], order: Sequence[Sequence[str]], starters: Sequence[Starter], site: Site
) -> tuple[tuple[ServicePlan, ...], dict[str, Reason]]:
    """Return the services with their starts, and the reasons of those that load a model.

    A model server waits inside its container for the models of the wave before it on its host; what else it names, and
    what an application uses there, has to be healthy before its container is started.
    """
    reasons: dict[str, Reason] = {}
    needs = {one.name: one.after for one in starters}
    found: dict[str, ServicePlan] = {}
    healthy: dict[str, set[str]] = {}
    for service in services:
        if service.part_of not in MODELS:
            healthy.setdefault(service.host, set()).add(service.name)
    for service in services:
        here = healthy.get(service.host, set())
        needed = tuple(name for name in needs.get(service.name, ()) if name in here)
        found[service.name] = replace(service, needs=needed)
    for service in (s for s in found.values() if isinstance(site.sections[s.part_of], Llm)):
        before = _before(service, order, found, site)
        found[service.name], own = _timed(service, before, site)
        reasons |= own
    return tuple(_gated(s, found) for s in found.values()), reasons


def _before(
    service: ServicePlan, order: Sequence[Sequence[str]], services: Mapping[str, ServicePlan], site: Site
) -> tuple[Before, ...]:
    """Return the models of the nearest wave before the service's own that has some on its host."""
    mine = next(number for number, wave in enumerate(order) if service.name in wave)
    waves = ([services[n] for n in wave if services[n].host == service.host] for wave in order[:mine][::-1])
    models = ([s for s in wave if s.part_of in MODELS] for wave in waves)
    nearest = next((wave for wave in models if wave), [])
    return tuple(Before(s.name, _served_name(s, site)) for s in nearest)


def _served_name(service: ServicePlan, site: Site) -> str:
    section = site.sections[service.part_of]
    assert isinstance(section, Llm)  # noqa: S101 - `part_of in MODELS`
    return section.served_name


def _timed(
    service: ServicePlan, before: tuple[Before, ...], site: Site
) -> tuple[ServicePlan, dict[str, Reason]]:
    key = service.part_of
    section = site.sections[key]
    assert isinstance(section, Llm)  # noqa: S101 - the caller has looked
    start, expected = expected_start(key, section, site.settings.models[section.model])
    reasons = {f"services.{key}.estimated_load": expected}
    if before:
        inputs: dict[str, object] = {
            "features.preload_max_concurrent": site.settings.features.preload_max_concurrent,
            f"services.{key}.priority": section.priority,
        }
        if service.gpus:
            inputs["cards"] = [pin.index for pin in service.gpus]
        reasons[f"services.{key}.waits_for"] = Reason(
            value=[one.service for one in before],
            formula="the models of the wave before on its host: by needs, then priority, so many at once",
            inputs=inputs,
            source="servers that start on one card together mis-measure it (vllm-project/vllm#55827)",
        )
    return replace(service, start=replace(start, after=before)), reasons


def _gated(service: ServicePlan, services: Mapping[str, ServicePlan]) -> ServicePlan:
    """Give the container its way to wait, and its health check the time for it."""
    if not service.start.load_s:
        return service
    limits = budgets(services.values(), cached=())
    # Until then a failing check counts for nothing; fetching a model may take longer than the profile says.
    grown = max(service.health.start_period_s, float(round(limits[service.name])))
    service = replace(service, health=replace(service.health, start_period_s=grown))
    if not service.start.after:
        return service
    entrypoint, variables = gate({one: limits[one.service] for one in service.start.after})
    return replace(service, entrypoint=entrypoint, environment={**service.environment, **variables})


def budget_reasons(services: Sequence[ServicePlan]) -> dict[str, Reason]:
    """Return how long `up` waits for each model server, with its weights fetched and in the cache."""
    fetched, cached = budgets(services, ()), budgets(services, [s.name for s in services])
    return {
        f"services.{s.part_of}.wait_budget": Reason(
            value=f"{cached[s.name]:.0f} s, {fetched[s.name]:.0f} s where its weights are not in the cache",
            formula="patience × (estimated_load + fetching) + tries × (interval + timeout), after those it waits for",
            inputs={
                "patience": PATIENCE,
                f"services.{s.part_of}.estimated_load": f"{s.start.load_s:g} s",
                "fetching": f"{s.start.fetch_s:.0f} s",
                f"services.{s.part_of}.health": _tries(s),
            },
            source="a slow start is waited for, one that hangs is told before the night is over",
        )
        for s in services
        if s.start.load_s
    }


def _tries(service: ServicePlan) -> str:
    health = service.health
    return f"{health.retries} × ({health.interval_s:g} s + {health.timeout_s:g} s)"
