"""Which model servers are warmed up, in which order, and with what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from toolkit.planning.plan import WarmUp, WarmUpRules
from toolkit.planning.wanted import LLMS
from toolkit.settings.vllm import Llm

if TYPE_CHECKING:
    from toolkit.planning.plan import ServicePlan
    from toolkit.planning.site import Site
    from toolkit.settings.root import Settings


def warm_ups(
    services: Sequence[ServicePlan], order: Sequence[Sequence[str]], site: Site
) -> tuple[WarmUp, ...]:
    """Return the model servers of all hosts in the order of their start."""
    by_name = {service.name: service for service in services}
    found = (by_name[name] for wave in order for name in wave)
    return tuple(_warm_up(service, site) for service in found if _is_model(service, site))


def _is_model(service: ServicePlan, site: Site) -> bool:
    return isinstance(site.sections[service.part_of], Llm)


def _warm_up(service: ServicePlan, site: Site) -> WarmUp:
    key = service.part_of
    section = site.sections[key]
    assert isinstance(section, Llm)  # noqa: S101 - the caller has looked
    return WarmUp(service.name, section.served_name, key not in LLMS, site.context(key), site.sequences(key))


def warm_up_rules(settings: Settings) -> WarmUpRules:
    """Return what holds for all of them."""
    said = settings.warmup
    return WarmUpRules(said.enabled, said.budget, settings.features.preload_max_concurrent, said.prompts)
