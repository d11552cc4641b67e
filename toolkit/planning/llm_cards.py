"""The sums of every model server: which cards it has, what of them, and what is around it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from toolkit.errors import Problem, UsageError
from toolkit.planning.alternatives import Surroundings
from toolkit.planning.card_sums import CardSum, crowded, overdrawn
from toolkit.planning.model_facts import ModelFacts, facts_of
from toolkit.planning.plan import CardPin
from toolkit.planning.ranks import equal_to, refused_ranks
from toolkit.planning.sizing import LlmCard, Sized, size
from toolkit.planning.vllm import utilization
from toolkit.settings.application import Application
from toolkit.settings.common import Service
from toolkit.settings.root import Settings
from toolkit.settings.vllm import Llm


def size_all(
    settings: Settings,
    sections: Mapping[str, Service],
    where: Mapping[str, str],
    cards: Mapping[str, tuple[CardPin, ...]],
) -> tuple[dict[str, Sized], tuple[Problem, ...]]:
    """Return the sums of each model server by its section, and warnings about the cards as a whole.

    Raises UsageError with all that surely do not fit.
    """
    sized = {
        key: size(key, section, settings.models[section.model], _card(key, settings, sections, where, cards))
        for key, section in sections.items()
        if isinstance(section, Llm)
    }
    ranks = (
        problem
        for key, section in sections.items()
        if isinstance(section, Llm)
        for problem in _refused_ranks(key, section, settings, where[key], cards[key])
    )
    sums = _card_sums(settings, sections, where, cards)
    refusals = [*ranks, *(problem for one in sized.values() for problem in one.refusals), *overdrawn(sums)]
    if refusals:
        raise UsageError(*refusals)
    return sized, crowded(sums, settings.gpu.warn_above)


def _refused_ranks(
    key: str, section: Llm, settings: Settings, host: str, pins: tuple[CardPin, ...]
) -> tuple[Problem, ...]:
    facts = settings.models[section.model].facts
    return refused_ranks(key, section, facts_of(facts) if facts else None, pins, settings.hosts[host].gpus)


def _card_sums(
    settings: Settings,
    sections: Mapping[str, Service],
    where: Mapping[str, str],
    cards: Mapping[str, tuple[CardPin, ...]],
) -> list[CardSum]:
    shares: dict[tuple[str, int], dict[str, float]] = {}
    for key, section in sections.items():
        if not isinstance(section, Llm):
            continue
        reason = utilization(key, section, cards[key], settings.gpu)
        for pin in cards[key]:
            share = cast("float", reason and reason.value)
            shares.setdefault((where[key], pin.index), {})[key] = share
    return [CardSum(host, index, by_section) for (host, index), by_section in shares.items()]


def _card(
    key: str,
    settings: Settings,
    sections: Mapping[str, Service],
    where: Mapping[str, str],
    cards: Mapping[str, tuple[CardPin, ...]],
) -> LlmCard | None:
    """Return the smallest card of a server, None where it has none."""
    section, pins = sections[key], cards[key]
    if not isinstance(section, Llm) or not pins:
        return None
    reason = utilization(key, section, pins, settings.gpu)
    here = settings.hosts[where[key]].gpus
    mine = {pin.index for pin in pins}
    memory, position = min((gpu.memory, place) for place, gpu in enumerate(here) if gpu.index in mine)
    # A share of a card is all that a proposal may build on: there is no knowing what the other part would give up.
    whole = all(pin.share == 1 for pin in pins)
    taken = _taken(where[key], sections, where, cards)
    own = next(gpu for gpu in here if gpu.index in mine)
    free = {gpu.index: gpu for gpu in here if gpu.index not in taken}
    spare = equal_to(own, free) if whole else ()
    share = settings.gpu.memory_utilization if whole else 0.0
    around = Surroundings(_known(settings, section), tuple(sorted(mine)), spare, share)
    return LlmCard(
        f"hosts.{where[key]}.gpus[{position}].memory", memory, cast("float", reason and reason.value), around
    )


def _taken(
    host: str,
    sections: Mapping[str, Service],
    where: Mapping[str, str],
    cards: Mapping[str, tuple[CardPin, ...]],
) -> set[int]:
    """Return the cards of a host that some service has; what runs on demand has them only for a while."""
    return {
        pin.index
        for key, pins in cards.items()
        for pin in pins
        if where[key] == host and not _on_demand(sections[key])
    }


def _on_demand(section: Service) -> bool:
    return isinstance(section, Application) and section.on_demand


def _known(settings: Settings, section: Llm) -> dict[str, ModelFacts]:
    """Return the models that may stand in for the section's own: under the same licence."""
    licence = settings.models[section.model].licence
    return {
        name: facts_of(model.facts)
        for name, model in settings.models.items()
        if model.facts is not None and model.licence == licence
    }
