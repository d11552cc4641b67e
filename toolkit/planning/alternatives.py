"""The settings nearest to one that does not fit: what changes least first, alone and then together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

from toolkit.planning.fit import Wish, fit
from toolkit.planning.kv import longest_context
from toolkit.planning.model_facts import ModelFacts
from toolkit.planning.ranks import divides
from toolkit.planning.weights import PLAIN_BYTES, quantized_bytes
from toolkit.values import Value, replace

# Contexts are proposed in round numbers, and none that nobody could use.
CONTEXT_STEP = 256
SHORTEST_CONTEXT = 1024
_ONLINE = ("fp8", "bitsandbytes")


class Surroundings(Value):
    """What a proposal may draw on.

    `models` of the catalogue under the same licence, the server's own `cards`, cards of the host that nobody has, and
    the `share` of its cards that the profile would let it take.
    """

    models: Mapping[str, ModelFacts]
    cards: tuple[int, ...]
    spare_cards: tuple[int, ...]
    share: float


class Proposal(Value):
    """A changed wish, and the lines below its section in toolkit.yaml that say the change, as key → value."""

    wish: Wish
    lines: Mapping[str, object]


def nearest(wish: Wish, around: Surroundings, wanted: int = 3) -> tuple[Proposal, ...]:
    """Return the `wanted` settings nearest to `wish` that surely fit; fewer where there are no more.

    In this order: a larger share of the card, an fp8 cache, fewer sequences, a shorter context, quantized weights, one
    card more, a smaller model; first each alone, then two and three together, never more changes than are needed.
    """
    found: dict[frozenset[str], Proposal] = {}
    for together in (1, 2, 3):
        for names in combinations(_CHANGES, together):
            needed_all = not any(known <= set(names) for known in found)
            proposal = _first_that_fits(Proposal(wish, {}), names, around) if needed_all else None
            if proposal is not None:
                found[frozenset(names)] = proposal
            if len(found) == wanted:
                return tuple(found.values())
    more = (way for way in _more(Proposal(wish, {}), around) if way not in found.values() and _fits(way))
    return (*found.values(), *more)[:wanted]


def _more(start: Proposal, around: Surroundings) -> Iterator[Proposal]:
    """What is worth a word where there is little else: a longer context in an fp8 cache, further models."""
    longer = _first_that_fits(start, ("cache", "context"), around)
    if longer is not None:
        yield longer
    yield from _model(start, around)


def _fits(way: Proposal) -> bool:
    return fit(way.wish).verdict == "fits"


def _first_that_fits(start: Proposal, names: tuple[str, ...], around: Surroundings) -> Proposal | None:
    """Return the first of all steps of these changes that fits; the context is shortened last, to what is left."""
    ordered = sorted(names, key=lambda name: name == "context")
    ways = [start]
    for name in ordered:
        ways = [changed for way in ways for changed in _CHANGES[name](way, around)]
    return next((way for way in ways if _fits(way)), None)


def _share(way: Proposal, around: Surroundings) -> Iterator[Proposal]:
    """In place of a fixed cache what the share leaves; else a larger share, in hundredths."""
    wish = way.wish
    if wish.kv_bytes is not None:
        yield _changed(way, replace(wish, kv_bytes=None), {"flags.kv_cache_memory_bytes": "null"})
        return
    first = int(wish.server.utilization * 100) + 1
    for hundredths in range(first, int(around.share * 100) + 1):
        server = replace(wish.server, utilization=hundredths / 100)
        lines = {"flags.gpu_memory_utilization": hundredths / 100}
        yield _changed(way, replace(wish, server=server), lines)


def _fp8_cache(way: Proposal, around: Surroundings) -> Iterator[Proposal]:
    del around
    if way.wish.layout.element_bytes == PLAIN_BYTES and way.wish.kv_bytes is None:
        layout = replace(way.wish.layout, element_bytes=1)
        yield _changed(way, replace(way.wish, layout=layout), {"flags.kv_cache_dtype": "fp8"})


def _sequences(way: Proposal, around: Surroundings) -> Iterator[Proposal]:
    del around
    count = way.wish.server.max_num_seqs // 2
    while count >= 1:
        server = replace(way.wish.server, max_num_seqs=count)
        needed = min(way.wish.sequences, count)
        changed = replace(way.wish, server=server, sequences=needed)
        yield _changed(way, changed, {"flags.max_num_seqs": count})
        count //= 2


def _context(way: Proposal, around: Surroundings) -> Iterator[Proposal]:
    del around
    wish = way.wish
    kv_low = fit(wish).kv.low
    length = longest_context(wish.facts, wish.layout, kv_low / wish.sequences)
    length = min(length, wish.max_model_len) // CONTEXT_STEP * CONTEXT_STEP
    if SHORTEST_CONTEXT <= length < wish.max_model_len:
        yield _changed(way, replace(wish, max_model_len=length), {"flags.max_model_len": length})


def _weights(way: Proposal, around: Surroundings) -> Iterator[Proposal]:
    """A sibling of the catalogue with the same shape, then what vLLM quantizes while it loads."""
    facts = way.wish.facts
    for name, other in around.models.items():
        if _shape(other) == _shape(facts) and other.weight_bytes < facts.weight_bytes:
            yield _changed(way, replace(way.wish, facts=other), {"model": name})
    for method in _ONLINE if facts.quantization is None else ():
        lighter = quantized_bytes(facts.weight_bytes, facts.vocabulary, facts.hidden, method)
        smaller = replace(facts, weight_bytes=lighter, quantization=method)
        yield _changed(way, replace(way.wish, facts=smaller), {"flags.quantization": method})


def _card_more(way: Proposal, around: Surroundings) -> Iterator[Proposal]:
    """Twice the ranks: heads divide by powers of two."""
    ranks = way.wish.server.tensor_parallel
    more = around.spare_cards[:ranks]
    if len(more) == ranks and divides(way.wish.facts, 2 * ranks):
        server = replace(way.wish.server, tensor_parallel=2 * ranks)
        layout = replace(way.wish.layout, tensor_parallel=2 * ranks)
        lines = {"gpus": [*around.cards, *more], "flags.tensor_parallel_size": 2 * ranks}
        yield _changed(way, replace(way.wish, server=server, layout=layout), lines)


def _model(way: Proposal, around: Surroundings) -> Iterator[Proposal]:
    """The largest other models first."""
    facts = way.wish.facts
    for name, other in sorted(around.models.items(), key=lambda item: -item[1].weight_bytes):
        serves = bool(other.attention) == bool(facts.attention) and other.positions >= way.wish.max_model_len
        if serves and _shape(other) != _shape(facts) and other.weight_bytes < facts.weight_bytes:
            yield _changed(way, replace(way.wish, facts=other), {"model": name})


def _shape(facts: ModelFacts) -> tuple[object, ...]:
    return facts.layers, facts.attention, facts.hidden, facts.intermediate, facts.vocabulary


def _changed(way: Proposal, wish: Wish, lines: Mapping[str, object]) -> Proposal:
    return Proposal(wish, {**way.lines, **lines})


_CHANGES = {
    "share": _share,
    "cache": _fp8_cache,
    "sequences": _sequences,
    "context": _context,
    "weights": _weights,
    "card": _card_more,
    "model": _model,
}


def as_lines(section: str, proposal: Proposal) -> str:
    """Return the proposal as it is written below `services:` in toolkit.yaml, on one line."""
    flags = {k.removeprefix("flags."): v for k, v in proposal.lines.items() if k.startswith("flags.")}
    parts = [f"{k}: {_value(v)}" for k, v in proposal.lines.items() if not k.startswith("flags.")]
    if flags:
        parts.append(f"flags: {{{', '.join(f'{k}: {_value(v)}' for k, v in flags.items())}}}")
    return f"{section}: {{{', '.join(parts)}}}"


def _value(value: object) -> str:
    return f"[{', '.join(map(str, value))}]" if isinstance(value, list) else str(value)
