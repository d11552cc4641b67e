"""Directories of models as they are on the Hub: a config.json and safetensors of which only the header is there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def write_model(
    directory: Path, config: Mapping[str, Any], tensors: Mapping[str, tuple[str, list[int]]]
) -> Path:
    """Write `config` and one safetensors file that tells of `tensors` (type and shape by name)."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "config.json").write_text(json.dumps(config))
    said: dict[str, Any] = {name: {"dtype": kind, "shape": shape} for name, (kind, shape) in tensors.items()}
    header = json.dumps({"__metadata__": {"format": "pt"}, **said}).encode()
    (directory / "model.safetensors").write_bytes(len(header).to_bytes(8, "little") + header)
    return directory


QWEN3_8B: dict[str, Any] = {
    "model_type": "qwen3",
    "hidden_size": 4096,
    "intermediate_size": 12288,
    "num_hidden_layers": 36,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "head_dim": 128,
    "max_position_embeddings": 40960,
    "sliding_window": None,
    "use_sliding_window": False,
    "tie_word_embeddings": False,
    "vocab_size": 151936,
}
