"""Settings → Site: memory, cards and places of all services, before any of them is planned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from toolkit.errors import Problem, UsageError
from toolkit.planning.card_ways import proposal
from toolkit.planning.cards import CardDemand, DoublePromise, double_promises, pin_cards
from toolkit.planning.claims import refuse_shared_names, refuse_shared_routes
from toolkit.planning.inference import refuse_engines
from toolkit.planning.llm_cards import size_all
from toolkit.planning.memory import Demand, HostMemory, allocate, headroom_bytes
from toolkit.planning.plan import Card, CardPin, HostPlan, ImageSource
from toolkit.planning.site import Site, service_name
from toolkit.planning.wanted import links, placed, wanted_sections
from toolkit.settings.application import Application
from toolkit.settings.common import Service
from toolkit.settings.root import Settings
from toolkit.settings.vllm import Llm


def survey(settings: Settings, *, propose: bool = True) -> tuple[Site, tuple[HostPlan, ...]]:
    """Return where everything stands, and what is planned of each host; a refusal may `propose` what plans instead.

    Raises UsageError when a value is still `auto`, nothing is enabled, a host is promised more than it has, or a
    model surely does not fit its card.
    """
    sections = wanted_sections(settings)
    refuse_shared_routes(settings, sections)
    refuse_shared_names(sections)
    refuse_engines(sections)
    source = _resolved(settings, sections)
    where = placed(settings, sections)
    hosts = {name: _host_memory(settings, name) for name in settings.hosts}
    memory: dict[str, int] = {}
    for name, host in hosts.items():
        demands = [_demand(key, s) for key, s in sections.items() if where[key] == name]
        given = allocate(host, demands, settings.host_share)
        memory |= {key: given[service_name(key)] for key in sections if where[key] == name}
    cards = _cards(settings, sections, where, propose=propose)
    sized, crowded = size_all(settings, sections, where, cards)
    used = links(sections)
    elsewhere = frozenset(key for user, key in used if where[user] != where[key])
    site = Site(settings, source, sections, where, memory, cards, used, sized, crowded, elsewhere)
    return site, tuple(_host_plan(settings, host, site) for host in hosts.values())


def _resolved(settings: Settings, sections: Mapping[str, Service]) -> ImageSource:
    unresolved = [
        key
        for key, value in (
            ("image_source", settings.image_source),
            ("engine.version", settings.engine.version),
            ("model_cache.source", settings.model_cache.source),
            *((f"hosts.{name}.memory", host.memory) for name, host in settings.hosts.items()),
            *((f"hosts.{name}.cpus", host.cpus) for name, host in settings.hosts.items()),
            *((f"services.{key}.model", s.model) for key, s in sections.items() if isinstance(s, Llm)),
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


def _host_memory(settings: Settings, name: str) -> HostMemory:
    total = cast("int", settings.hosts[name].memory)
    kept = settings.headroom
    return HostMemory(name, total, headroom_bytes(total, kept.share, kept.floor, kept.ceiling))


def _demand(key: str, section: Service) -> Demand:
    times = section.replicas if isinstance(section, Application | Llm) else 1
    return Demand(service_name(key), section.memory, section.memory_floor, section.memory_ceiling, times)


def _cards(
    settings: Settings, sections: Mapping[str, Service], where: Mapping[str, str], *, propose: bool
) -> dict[str, tuple[CardPin, ...]]:
    demands = [
        CardDemand(key, where[key], tuple(s.gpus), s.gpu_share, isinstance(s, Application) and s.on_demand)
        for key, s in sections.items()
        if isinstance(s, Application | Llm)
    ]
    pinned = [(demand, pin_cards(demand, cards_of(settings, demand.host))) for demand in demands]
    twice = double_promises(pinned)
    if twice:
        raise UsageError(
            *(one.problem(_proposal(settings, sections, one, pinned) if propose else "") for one in twice)
        )
    return {demand.section: pins for demand, pins in pinned}


def _proposal(
    settings: Settings,
    sections: Mapping[str, Service],
    promise: DoublePromise,
    pinned: Sequence[tuple[CardDemand, tuple[CardPin, ...]]],
) -> str:
    taken = {pin.index for demand, pins in pinned if demand.host == promise.host for pin in pins}
    spare = tuple(c.index for c in cards_of(settings, promise.host) if c.index not in taken)
    return proposal(settings, sections, promise, spare, lambda other: survey(other, propose=False))


def cards_of(settings: Settings, host: str) -> tuple[Card, ...]:
    """Return the cards of a host, in the order of the profile."""
    return tuple(Card(g.index, g.uuid, g.name, g.memory) for g in settings.hosts[host].gpus)


def _host_plan(settings: Settings, host: HostMemory, site: Site) -> HostPlan:
    here = [key for key, name in site.placed.items() if name == host.host]
    times = {service_name(key): _demand(key, site.sections[key]).times for key in here}
    section = settings.hosts[host.host]
    return HostPlan(
        name=host.host,
        address=section.address or "",
        engine=section.engine or "",
        memory_bytes=host.total_bytes,
        headroom_bytes=host.headroom_bytes,
        planned_bytes=sum(site.memory[key] * times[service_name(key)] for key in here),
        cpus=cast("float", section.cpus),
        cards=cards_of(settings, host.host),
        disk_bytes=section.disk,
    )
