"""One model over several cards: equal ones of one host, and as many as divide its heads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from toolkit.errors import Problem
from toolkit.planning.model_facts import ModelFacts
from toolkit.planning.plan import CardPin
from toolkit.settings.hosts import Gpu
from toolkit.settings.vllm import Llm
from toolkit.units import about_gib


def refused_ranks(
    key: str, section: Llm, facts: ModelFacts | None, pins: Sequence[CardPin], cards: Sequence[Gpu]
) -> tuple[Problem, ...]:
    """Return why a server cannot be spread over its cards as it shall be; nothing where it has one, or it can.

    `cards` are those of its host. vLLM gives each rank the same part of the weights and the same cache, so that the
    smallest card rules all (`determine_available_memory`), and refuses ranks that do not divide the heads of the
    queries (`verify_with_parallel_config`).
    """
    ranks = section.flags.tensor_parallel_size
    if ranks == 1:
        return ()
    mine = {card.index: card for card in cards}
    each = [mine[pin.index] for pin in pins]
    servers = [each[i : i + ranks] for i in range(0, len(each), ranks)]
    uneven = next((part for part in servers if len({(c.name, c.memory) for c in part}) > 1), None)
    found = [] if uneven is None else [_uneven(key, uneven)]
    if facts is not None and facts.heads is not None and facts.heads % ranks:
        found.append(_undivided(key, section.model, facts.heads, ranks))
    return tuple(found)


def divides(facts: ModelFacts, ranks: int) -> bool:
    """Whether a model can be spread over so many ranks without a head that two of them need."""
    whole = facts.heads is None or facts.heads % ranks == 0
    return whole and all(a.latent or a.kv_heads % ranks == 0 for a in facts.attention)


def equal_to(card: Gpu, others: Mapping[int, Gpu]) -> tuple[int, ...]:
    """Return the indexes of those of `others` that are like `card`."""
    return tuple(i for i, other in others.items() if (other.name, other.memory) == (card.name, card.memory))


def _uneven(key: str, cards: Sequence[Gpu]) -> Problem:
    rows = "\n".join(f"{card.index}  {card.name}, {about_gib(card.memory)}" for card in cards)
    what = "the cards of one server have to be equal: the smallest would rule all"
    step = "name equal cards, or tensor_parallel_size: 1 and one card"
    return Problem(f"services.{key}.gpus", what, rows, step)


def _undivided(key: str, model: str, heads: int, ranks: int) -> Problem:
    fitting = ", ".join(str(count) for count in range(1, 17) if heads % count == 0)
    return Problem(
        f"services.{key}.flags.tensor_parallel_size",
        f"{model} has {heads} heads, which {ranks} ranks do not divide",
        str(ranks),
        f"write one of {fitting}",
    )
