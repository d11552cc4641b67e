"""A LoRA adapter of random weights for a generated model, as the directory that PEFT writes."""

from __future__ import annotations

import json
import random
from array import array
from pathlib import Path
from typing import Any

_SCALE = 0.4
"""Of each weight: enough to say something else than the model without it."""


def write_adapter(directory: Path, model: Path, rank: int) -> Path:
    """Write an adapter of that rank for the Qwen2 model in the directory `model`; return its own directory."""
    config: dict[str, Any] = json.loads((model / "config.json").read_text())
    head = config["hidden_size"] // config["num_attention_heads"]
    width = {"q_proj": config["hidden_size"], "v_proj": head * config["num_key_value_heads"]}
    dice, tensors = random.Random(rank), {}
    for layer in range(config["num_hidden_layers"]):
        for name, out in width.items():
            where = f"base_model.model.model.layers.{layer}.self_attn.{name}"
            tensors[f"{where}.lora_A.weight"] = _matrix(dice, rank, config["hidden_size"])
            tensors[f"{where}.lora_B.weight"] = _matrix(dice, out, rank)
    directory.mkdir(parents=True, mode=0o755)
    (directory / "adapter_model.safetensors").write_bytes(_safetensors(tensors))
    said = {"peft_type": "LORA", "task_type": "CAUSAL_LM", "r": rank, "lora_alpha": rank, "bias": "none"}
    (directory / "adapter_config.json").write_text(json.dumps({**said, "target_modules": sorted(width)}))
    return directory


def _matrix(dice: random.Random, rows: int, columns: int) -> tuple[list[int], bytes]:
    numbers = array("f", (dice.gauss(0, _SCALE) for _ in range(rows * columns)))
    return [rows, columns], numbers.tobytes()


def _safetensors(tensors: dict[str, tuple[list[int], bytes]]) -> bytes:
    header, at = {}, 0
    for name, (shape, data) in tensors.items():
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [at, at + len(data)]}
        at += len(data)
    head = json.dumps(header).encode()
    return len(head).to_bytes(8, "little") + head + b"".join(data for _, data in tensors.values())
