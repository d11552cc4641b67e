"""The memory of a model server: its flags with nothing left open, and whether it fits its card."""

from __future__ import annotations

from collections.abc import Mapping

from toolkit.errors import Problem
from toolkit.planning.alternatives import Surroundings, nearest
from toolkit.planning.fit import Fit, Wish, fit
from toolkit.planning.images import PINS
from toolkit.planning.kv import KvLayout
from toolkit.planning.llm_flags import choose
from toolkit.planning.model_facts import ModelFacts, facts_of
from toolkit.planning.plan import Reason
from toolkit.planning.sizing_reasons import reasons_of
from toolkit.planning.sizing_words import contradictions, left_open, too_close, unknown_size, wont_fit
from toolkit.planning.vram_parts import Server, traits_of
from toolkit.planning.weights import quantized_bytes
from toolkit.settings.models import Model
from toolkit.settings.vllm import Llm, VllmFlags
from toolkit.values import Value, field, replace

OPEN_FLAGS = ("max_model_len", "max_num_seqs", "max_num_batched_tokens")
_FP32_BYTES = 4
LORA_RANK = 16
"""What --max-lora-rank is where nobody says."""


class LlmCard(Value):
    """The smallest card of a server in bytes, the share of it that it may take, and what a proposal may draw on.

    `key` is where a profile says the memory of that card.
    """

    key: str
    memory_bytes: int
    utilization: float
    around: Surroundings


class Sized(Value):
    """Flags with nothing open; the sums, None where there is no card or no facts; what they say about the profile."""

    flags: VllmFlags
    fit: Fit | None = None
    reasons: Mapping[str, Reason] = field(default_factory=dict)
    warnings: tuple[Problem, ...] = ()
    refusals: tuple[Problem, ...] = ()


def size(key: str, section: Llm, model: Model, card: LlmCard | None) -> Sized:
    """Return the sums of the section `key` with its `model`, on `card` or on none."""
    flags = section.flags
    still_open = tuple(name for name in OPEN_FLAGS if getattr(flags, name) == "auto")
    if card is None or model.facts is None:
        why = "it has no card" if card is None else f"nothing is known of the size of {section.model}"
        if still_open:
            return Sized(flags, refusals=(left_open(key, still_open, why),))
        silent = card is None or model.source.startswith("generated")
        return Sized(flags, warnings=() if silent else (unknown_size(key, section.model),))
    wish = choose(_wish(section, facts_of(model.facts), card), flags, section.concurrency)
    return _judged(key, section, wish, card, still_open)


def _judged(key: str, section: Llm, wish: Wish, card: LlmCard, still_open: tuple[str, ...]) -> Sized:
    found = fit(wish)
    flags = section.flags.model_copy(
        update={
            "max_model_len": wish.max_model_len,
            "max_num_seqs": wish.server.max_num_seqs,
            "max_num_batched_tokens": wish.server.batched_tokens,
        }
    )
    reasons = reasons_of(key, section, card.key, wish, found, still_open)
    sized = Sized(flags, found, reasons, refusals=contradictions(key, section.model, wish))
    if found.verdict == "fits":
        return sized
    proposals = nearest(wish, card.around)
    if found.verdict == "too close to call":
        return replace(sized, warnings=(too_close(key, section.model, wish, found, proposals),))
    refusal = wont_fit(key, section.model, wish, found, proposals)
    return replace(sized, refusals=(*sized.refusals, refusal))


def _wish(section: Llm, facts: ModelFacts, card: LlmCard) -> Wish:
    """Return the wish of a server whose lengths are still to be filled in."""
    flags = section.flags
    major, minor = PINS["vllm"].version.split(".")
    server = Server(
        utilization=card.utilization,
        max_num_seqs=1,
        batched_tokens=1,
        traits=traits_of((int(major), int(minor))),
        eager=flags.enforce_eager,
        adapters=len(section.lora_modules),
        adapter_rank=flags.max_lora_rank or LORA_RANK,
        tensor_parallel=flags.tensor_parallel_size,
    )
    plain = _FP32_BYTES if flags.dtype == "float32" else 2
    element = plain if flags.kv_cache_dtype == "auto" else 1
    layout = KvLayout(element, batched_tokens=1, tensor_parallel=flags.tensor_parallel_size)
    loaded = replace(facts, weight_bytes=_loaded_bytes(flags, facts))
    return Wish(card.memory_bytes, loaded, server, layout, 1, kv_bytes=flags.kv_cache_memory_bytes)


def _loaded_bytes(flags: VllmFlags, facts: ModelFacts) -> int:
    """Weights that are not quantized in their files may be while they are loaded, or unpacked to 32 bit."""
    if facts.quantization is None and flags.quantization is not None:
        return quantized_bytes(facts.weight_bytes, facts.vocabulary, facts.hidden, flags.quantization)
    wide = facts.quantization is None and flags.dtype == "float32"
    return facts.weight_bytes * 2 if wide else facts.weight_bytes
