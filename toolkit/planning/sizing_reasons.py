"""Why a model server has the room that it has: a Reason for each figure and each flag."""

from __future__ import annotations

from collections.abc import Mapping

from toolkit.planning.fit import Fit, Wish
from toolkit.planning.kv import bytes_per_token
from toolkit.planning.model_facts import Attention
from toolkit.planning.plan import Reason
from toolkit.planning.said import model_key
from toolkit.planning.vram_parts import Span
from toolkit.settings.vllm import Llm

_SOURCE = "vLLM's determine_available_memory; limits in docs/adr/0009"


def reasons_of(
    key: str, section: Llm, card_key: str, wish: Wish, found: Fit, still_open: tuple[str, ...]
) -> Mapping[str, Reason]:
    """Return the reasons of the section `key` by their keys; bytes and tokens as whole numbers.

    `card_key` is where a profile says the memory of its smallest card.
    """
    where, facts = f"services.{key}", f"{model_key(section.model)}.facts"
    per_token = int(bytes_per_token(wish.facts, wish.layout))
    memory = {
        card_key: wish.card_bytes,
        f"{where}.flags.gpu_memory_utilization": wish.server.utilization,
        f"{where}.flags.max_num_seqs": wish.server.max_num_seqs,
        f"{where}.flags.max_num_batched_tokens": wish.server.batched_tokens,
        f"{where}.flags.tensor_parallel_size": wish.server.tensor_parallel,
        f"{where}.flags.enforce_eager": wish.server.eager,
        f"{where}.flags.kv_cache_memory_bytes": wish.kv_bytes,
        f"{facts}.weights": wish.facts.weight_bytes,
        **_interval("weights", found.room.weights),
        **_interval("activations", found.room.activations),
        **_interval("graphs", found.room.graphs),
        **_interval("other", found.room.other),
        **(_interval("adapters", found.room.adapters) if wish.server.adapters else {}),
    }
    room = {f"{where}.kv_memory": int(found.kv.likely), f"{where}.kv_bytes_per_token": per_token}
    return {
        f"{where}.kv_memory": Reason(
            value=int(found.kv.likely),
            formula="card × gpu_memory_utilization − weights − activations − graphs − other − adapters, most likely",
            inputs={**memory, **_interval("kv_memory", found.kv)},
            source=_SOURCE,
            unit="bytes",
        ),
        f"{where}.kv_bytes_per_token": Reason(
            value=per_token,
            formula="2 × layers × KV heads ÷ ranks × head_dim × bytes; of latent layers one vector",
            inputs={
                f"{facts}.attention": "; ".join(_words(one) for one in wish.facts.attention) or "none",
                f"{where}.flags.kv_cache_dtype": section.flags.kv_cache_dtype,
                f"{where}.flags.tensor_parallel_size": wish.layout.tensor_parallel,
            },
            source="vLLM's AttentionSpec",
            unit="bytes",
        ),
        f"{where}.kv_tokens": Reason(
            found.tokens, "kv_memory ÷ kv_bytes_per_token, in whole blocks", room, _SOURCE, "tokens"
        ),
        f"{where}.kv_context": Reason(
            found.context,
            "the longest request that kv_memory holds, up to what the model was made for",
            {**room, f"{facts}.positions": wish.facts.positions},
            _SOURCE,
            "tokens",
        ),
        f"{where}.kv_sequences": Reason(
            value=round(found.sequences, 2),
            formula="kv_memory ÷ what a request of max_model_len needs",
            inputs={**room, f"{where}.flags.max_model_len": wish.max_model_len},
            source=_SOURCE,
        ),
        **_flags(where, section, wish, found, still_open),
    }


def _words(one: Attention) -> str:
    heads = f"{one.layers} layers × {one.kv_heads} heads × {one.head_dim}"
    kind = " (latent)" if one.latent else f" (window {one.window})" if one.window else ""
    return heads + kind


def _interval(name: str, span: Span) -> dict[str, object]:
    return {f"{name} at least": int(span.low), f"{name} at most": int(span.high)}


def _flags(
    where: str, section: Llm, wish: Wish, found: Fit, still_open: tuple[str, ...]
) -> dict[str, Reason]:
    values = {
        "max_model_len": wish.max_model_len,
        "max_num_seqs": wish.server.max_num_seqs,
        "max_num_batched_tokens": wish.server.batched_tokens,
    }
    inputs = {
        f"{where}.concurrency": section.concurrency,
        f"{where}.kv_bytes_per_token": int(bytes_per_token(wish.facts, wish.layout)),
        **_interval("kv_memory", found.kv),
    }
    formula = "so that `concurrency` requests of full length have room at once, in the worst case"
    return {
        f"{where}.flags.{name}": Reason(
            value, formula, inputs, _SOURCE, "" if name == "max_num_seqs" else "tokens"
        )
        if name in still_open
        else Reason(value, "chosen by hand", {f"{where}.flags.{name}": value}, "the profile")
        for name, value in values.items()
    }
