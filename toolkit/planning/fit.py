"""Whether a server fits its card: what it needs for the cache against what is left."""

from __future__ import annotations

from typing import Literal

from toolkit.planning.kv import KvLayout, longest_context, request_bytes, tokens_in
from toolkit.planning.model_facts import ModelFacts
from toolkit.planning.vram import Room, room
from toolkit.planning.vram_parts import GIB, Server, Span
from toolkit.values import Value

Verdict = Literal["fits", "does not fit", "too close to call"]


class Wish(Value):
    """One server as it shall run on a card of `card_bytes`.

    `sequences` of `max_model_len` tokens have to have their cache at the same time: vLLM itself asks for 1 and lets the
    others wait. `kv_bytes` is --kv-cache-memory-bytes, with which vLLM measures nothing; None for the rest of the card.
    """

    card_bytes: int
    facts: ModelFacts
    server: Server
    layout: KvLayout
    max_model_len: int
    sequences: int = 1
    kv_bytes: int | None = None


class Fit(Value):
    """The verdict with its sums: bytes of the cache that are needed and left, and what these hold most likely.

    `missing_bytes` is what the middle of the interval lacks; 0 where nothing does. `tokens`, `context` and `sequences`
    are the tokens of the cache, the longest request, and the most requests of `max_model_len` at a time.
    """

    verdict: Verdict
    need_bytes: float
    kv: Span
    room: Room
    tokens: int
    context: int
    sequences: float

    @property
    def missing_bytes(self) -> float:
        """What is not there, measured from the middle of the interval."""
        return max(0.0, self.need_bytes - self.kv.likely)


def fit(wish: Wish) -> Fit:
    """Return whether `wish` fits, and what the card holds.

    It fits where even the worst case leaves what is needed, and does not where not even the best case does
    (`check_enough_kv_cache_memory` in vLLM's `v1/core/kv_cache_utils.py`: one request of full length).
    """
    around = room(wish.card_bytes, wish.facts, wish.server)
    need = wish.sequences * request_bytes(wish.facts, wish.layout, wish.max_model_len)
    kv = around.kv if wish.kv_bytes is None else Span(*(float(wish.kv_bytes),) * 3)
    holds = max(0.0, kv.likely)
    one = request_bytes(wish.facts, wish.layout, wish.max_model_len)
    return Fit(
        verdict=_verdict(need, kv) if wish.kv_bytes is None else _by_hand(wish, need, around),
        need_bytes=need,
        kv=kv,
        room=around,
        tokens=tokens_in(wish.facts, wish.layout, holds, wish.max_model_len),
        context=longest_context(wish.facts, wish.layout, holds),
        sequences=holds / one if one else 0.0,
    )


def _verdict(need: float, kv: Span) -> Verdict:
    if kv.low >= max(need, 0):
        return "fits"
    return "does not fit" if need > kv.high or kv.high <= 0 else "too close to call"


def _by_hand(wish: Wish, need: float, around: Room) -> Verdict:
    """Bytes that somebody chose have to hold one request, and to find room beside the rest on the card.

    There the CUDA context counts, too: nvidia-smi shows 0.3 to 0.5 GiB for it.
    """
    given = wish.kv_bytes or 0
    context = Span(0.3 * GIB, 0.4 * GIB, 0.5 * GIB)
    rest = around.weights + around.activations + around.graphs + around.other + context
    if given < need or given + rest.low > wish.card_bytes:
        return "does not fit"
    return "fits" if given + rest.high <= wish.card_bytes else "too close to call"
