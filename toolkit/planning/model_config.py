"""From a model's published `config.json` to the facts that the sums need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from toolkit.settings.models import AttentionLayers, Facts

# transformers' names of models that read a whole text at once and keep no cache.
_ENCODERS = frozenset({"bert", "roberta", "xlm-roberta", "distilbert", "modernbert", "nomic_bert"})
# Rotary-less RoBERTa counts positions from behind its padding index.
_PADDING_POSITIONS: Mapping[str, int] = {"roberta": 2, "xlm-roberta": 2}
# Every so many layers one looks back over everything, where the file does not say it of each layer.
_FULL_EVERY: Mapping[str, int] = {"gemma2": 2, "gemma3_text": 6, "gpt_oss": 2}
_SENSES = ("vision_config", "audio_config", "thinker_config")


def facts_of_config(config: Mapping[str, Any], weight_bytes: int) -> Facts:
    """Return the facts of the model that `config` describes; `weight_bytes` of its files, tied tables once.

    Raises ValueError, naming the key that is missing, or the kind of layers that the sums do not know (state-space
    layers keep another kind of cache).
    """
    text: Mapping[str, Any] = config.get("text_config") or config
    kind = str(text.get("model_type", ""))
    layers = _number(text, "num_hidden_layers", "num_layers")
    experts = int(text.get("num_experts_per_tok") or 0)
    width = ("moe_intermediate_size", "intermediate_size") if experts else ("intermediate_size",)
    return Facts(
        layers=layers,
        attention=[] if kind in _ENCODERS else _attention(text, layers),
        hidden=_number(text, "hidden_size"),
        intermediate=_number(text, *width),
        experts_per_token=experts,
        vocabulary=_number(text, "vocab_size"),
        positions=_number(text, "max_position_embeddings") - _PADDING_POSITIONS.get(kind, 0),
        weights=f"{max(1024, weight_bytes)}B",  # type: ignore[arg-type]  # written as people write it
        quantization=_quantization(config),
        sees=any(key in config for key in _SENSES),
        heads=_number(text, "num_attention_heads"),
    )


def _number(text: Mapping[str, Any], *names: str) -> int:
    for name in names:
        if isinstance(text.get(name), int):
            return int(text[name])
    raise ValueError(f"it has no number `{names[0]}`")


def _quantization(config: Mapping[str, Any]) -> str | None:
    said = config.get("quantization_config") or {}
    return str(said["quant_method"]) if "quant_method" in said else None


def _attention(text: Mapping[str, Any], layers: int) -> list[AttentionLayers]:
    if text.get("kv_lora_rank"):
        latent = _number(text, "kv_lora_rank") + _number(text, "qk_rope_head_dim")
        return [AttentionLayers(layers=layers, kv_heads=1, head_dim=latent, window=None, latent=True)]
    kinds = _kinds(text, layers)
    sliding = sum(kind == "sliding_attention" for kind in kinds)
    return [
        AttentionLayers(layers=count, kv_heads=heads, head_dim=dim, window=window, latent=False)
        for count, window, (heads, dim) in (
            (layers - sliding, None, _full_heads(text)),
            (sliding, text.get("sliding_window"), _heads(text)),
        )
        if count
    ]


def _kinds(text: Mapping[str, Any], layers: int) -> Sequence[str]:
    """Return the kind of each layer. Raises ValueError for one that keeps something else than keys and values."""
    said: Sequence[str] = text.get("layer_types") or ()
    unknown = sorted(set(said) - {"full_attention", "sliding_attention"})
    if unknown:
        raise ValueError(f"it has layers of the kind {', '.join(unknown)}, whose memory is not in the sums")
    if said:
        return said
    if not text.get("sliding_window") or text.get("use_sliding_window") is False:
        return ["full_attention"] * layers
    every = int(
        text.get("sliding_window_pattern") or _FULL_EVERY.get(str(text.get("model_type")), layers + 1)
    )
    return ["sliding_attention" if (i + 1) % every else "full_attention" for i in range(layers)]


def _heads(text: Mapping[str, Any]) -> tuple[int, int]:
    heads = _number(text, "num_attention_heads")
    dim = text.get("head_dim") or _number(text, "hidden_size") // heads
    return int(text.get("num_key_value_heads") or heads), int(dim)


def _full_heads(text: Mapping[str, Any]) -> tuple[int, int]:
    """Return heads of the layers that look back over everything: gemma 4 gives them a shape of their own."""
    heads, dim = _heads(text)
    return int(text.get("num_global_key_value_heads") or heads), int(text.get("global_head_dim") or dim)
