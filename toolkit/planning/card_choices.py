"""Which models serve on which cards of a new machine: of each role the largest that surely fits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from toolkit.planning.fit import Wish, fit
from toolkit.planning.images import PINS
from toolkit.planning.kv import KvLayout
from toolkit.planning.model_facts import ModelFacts
from toolkit.planning.vram_parts import Server, traits_of
from toolkit.values import Value

# In the order in which they are tried. Under the terms of use that ask for nothing: no preset's models.
GENERAL = ("qwen3-14b-awq", "qwen3-8b-awq", "qwen3-4b-awq", "qwen3-1.7b", "qwen3-0.6b")
FAST = ("qwen3-4b-awq", "qwen3-1.7b", "qwen3-0.6b")
EMBEDDINGS = "bge-m3"
# vLLM's CUDA build has no kernels for older cards; from 8.0 on bfloat16 is known.
OLDEST_CAPABILITY = (7, 5)
_BFLOAT16_SINCE = (8, 0)
# What base.yaml plans a model server with.
_LENGTH, _SEQUENCES, _BATCH, _SHARE = 6144, 16, 2048, 0.82
_EMBEDDINGS_BATCH = 8192
# Of a card that both models share, as in hardware/rtx-5090.yaml.
_GENERAL_SHARE, _FAST_SHARE = 0.65, 0.35


class FoundCard(Value):
    """A card, or an instance of one, as it was seen: bytes that programs can have, and what it can do."""

    index: int
    uuid: str
    name: str
    memory_bytes: int
    capability: tuple[int, int]

    @property
    def serves(self) -> bool:
        """Whether vLLM has kernels for it."""
        return self.capability >= OLDEST_CAPABILITY


class Placed(Value):
    """A role on a card: its section, its model, the card's index, and its share of it (None for all of it)."""

    section: str
    model: str
    card: int
    share: float | None
    dtype: str | None


class CardChoice(Value):
    """Who is on which card; `without` are the chat sections that found no place, `spare` cards that nobody has."""

    placed: tuple[Placed, ...]
    without: tuple[str, ...]
    spare: tuple[int, ...]


def place_models(
    cards: Sequence[FoundCard], models: Mapping[str, ModelFacts], tiny: str | None
) -> CardChoice | None:
    """Return where the models go, None where no card can serve any.

    The largest card is for the general model, the second for the fast one, the third for embeddings; a card alone is
    shared by both chat models. With `tiny` that model is on every card in place of those of the Hub.
    """
    usable = sorted((c for c in cards if c.serves), key=lambda c: (-c.memory_bytes, c.index))
    if not usable:
        return None
    placed = _two_cards(usable, models, tiny) if len(usable) > 1 else _one_card(usable[0], models, tiny)
    if placed is None:
        return None
    taken = {one.card for one in placed}
    without = tuple(key for key in ("llm_general", "llm_fast") if key not in {one.section for one in placed})
    return CardChoice(placed, without, tuple(c.index for c in cards if c.index not in taken))


def _two_cards(
    cards: Sequence[FoundCard], models: Mapping[str, ModelFacts], tiny: str | None
) -> tuple[Placed, ...] | None:
    general = _largest("llm_general", GENERAL, cards[0], None, models, tiny)
    fast = _largest("llm_fast", FAST, cards[1], None, models, tiny)
    if general is None:
        return None
    if fast is None:
        return _one_card(cards[0], models, tiny)
    if len(cards) > 2 and tiny is None:
        third = _largest("embeddings", (EMBEDDINGS,), cards[2], None, models, tiny)
        return (general, fast, third) if third is not None else (general, fast)
    return general, fast


def _one_card(
    card: FoundCard, models: Mapping[str, ModelFacts], tiny: str | None
) -> tuple[Placed, ...] | None:
    """Both models where both fit; a card that is too small for two has one of them, and all of it."""
    general = _largest("llm_general", GENERAL, card, _GENERAL_SHARE, models, tiny)
    fast = _largest("llm_fast", FAST, card, _FAST_SHARE, models, tiny)
    if general is not None and fast is not None:
        return general, fast
    alone = _largest("llm_general", GENERAL, card, None, models, tiny)
    return None if alone is None else (alone,)


def _largest(
    section: str,
    names: Sequence[str],
    card: FoundCard,
    share: float | None,
    models: Mapping[str, ModelFacts],
    tiny: str | None,
) -> Placed | None:
    dtype = None if card.capability >= _BFLOAT16_SINCE else "float16"
    if tiny is not None:
        return Placed(section, tiny, card.index, share, dtype)
    found = (n for n in names if n in models and _fits(models[n], card.memory_bytes, share or 1.0))
    name = next(found, None)
    return None if name is None else Placed(section, name, card.index, share, dtype)


def _fits(facts: ModelFacts, card_bytes: int, share: float) -> bool:
    """Whether even the worst case leaves room for a request of full length."""
    major, minor = PINS["vllm"].version.split(".")
    batch = _BATCH if facts.attention else _EMBEDDINGS_BATCH
    server = Server(
        utilization=_SHARE * share,
        max_num_seqs=_SEQUENCES,
        batched_tokens=batch,
        traits=traits_of((int(major), int(minor))),
    )
    wish = Wish(card_bytes, facts, server, KvLayout(2, batch), min(_LENGTH, facts.positions))
    return fit(wish).verdict == "fits"
