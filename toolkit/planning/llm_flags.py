"""Flags of a model server that the profile leaves open, chosen so that its requests have room all at once."""

from __future__ import annotations

from toolkit.planning.alternatives import CONTEXT_STEP, SHORTEST_CONTEXT
from toolkit.planning.fit import Wish, fit
from toolkit.planning.kv import longest_context
from toolkit.settings.vllm import VllmFlags
from toolkit.values import replace

# Tokens of one step: larger ones fill a prompt sooner, and take memory from the cache.
_BATCHES = (8192, 4096, 2048)
# A larger batch has to leave this part of the cache that the smallest would leave.
_KEPT = 0.95


def choose(wish: Wish, flags: VllmFlags, concurrency: int) -> Wish:
    """Return `wish` with the lengths of `flags`, and for those at `auto` the best that surely fit.

    Where the length or the number of sequences is open, `concurrency` requests of full length have to fit; where both
    are said, it is for vLLM alone to be able to start, with one.
    """
    is_open = "auto" in {flags.max_model_len, flags.max_num_seqs}
    seqs = concurrency if flags.max_num_seqs == "auto" else flags.max_num_seqs
    wish = replace(wish, server=replace(wish.server, max_num_seqs=seqs), sequences=seqs if is_open else 1)
    if flags.max_num_batched_tokens != "auto":
        return _with_length(_batched(wish, flags.max_num_batched_tokens), flags)
    ways = [_with_length(_batched(wish, _least_batch(wish, flags, tokens)), flags) for tokens in _BATCHES]
    enough = _KEPT * fit(ways[-1]).kv.low
    return next((way for way in ways if fit(way).kv.low >= enough > 0), ways[-1])


def _least_batch(wish: Wish, flags: VllmFlags, tokens: int) -> int:
    """An encoder reads a text at once, so that no batch may be smaller than the longest."""
    length = wish.facts.positions if flags.max_model_len == "auto" else flags.max_model_len
    return tokens if wish.facts.attention else max(tokens, length)


def _batched(wish: Wish, tokens: int) -> Wish:
    server, layout = replace(wish.server, batched_tokens=tokens), replace(wish.layout, batched_tokens=tokens)
    return replace(wish, server=server, layout=layout)


def _with_length(wish: Wish, flags: VllmFlags) -> Wish:
    if flags.max_model_len != "auto":
        return replace(wish, max_model_len=flags.max_model_len)
    room = fit(replace(wish, max_model_len=SHORTEST_CONTEXT)).kv.low / wish.sequences
    longest = longest_context(wish.facts, wish.layout, room) if wish.facts.attention else wish.facts.positions
    rounded = longest if longest == wish.facts.positions else longest // CONTEXT_STEP * CONTEXT_STEP
    return replace(wish, max_model_len=max(rounded, SHORTEST_CONTEXT))
