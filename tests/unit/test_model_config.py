"""From published configurations to facts."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.model_files import QWEN3_8B
from toolkit.planning.model_config import facts_of_config
from toolkit.planning.model_facts import Attention, ModelFacts, facts_of

GIB = 2**30
EXAONE_2_4B: dict[str, Any] = {
    "model_type": "exaone",
    "hidden_size": 2560,
    "intermediate_size": 7168,
    "num_layers": 30,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "head_dim": 80,
    "max_position_embeddings": 32768,
    "vocab_size": 102400,
    "quantization_config": {"quant_method": "awq", "bits": 4, "group_size": 128},
}
BGE_M3: dict[str, Any] = {
    "model_type": "xlm-roberta",
    "hidden_size": 1024,
    "intermediate_size": 4096,
    "max_position_embeddings": 8194,
    "num_attention_heads": 16,
    "num_hidden_layers": 24,
    "vocab_size": 250002,
}
QWEN3_30B = QWEN3_8B | {
    "hidden_size": 2048,
    "num_hidden_layers": 48,
    "num_key_value_heads": 4,
    "num_experts_per_tok": 8,
    "moe_intermediate_size": 768,
}
DEEPSEEK_V2_LITE = QWEN3_8B | {"num_hidden_layers": 27, "kv_lora_rank": 512, "qk_rope_head_dim": 64}
MISTRAL_7B_V1 = QWEN3_8B | {"model_type": "mistral", "sliding_window": 4096, "use_sliding_window": True}
GEMMA_2 = QWEN3_8B | {"model_type": "gemma2", "sliding_window": 4096, "use_sliding_window": True}
GEMMA_4: dict[str, Any] = {
    "vision_config": {},
    "text_config": QWEN3_8B
    | {
        "num_hidden_layers": 60,
        "layer_types": (["sliding_attention"] * 5 + ["full_attention"]) * 10,
        "num_key_value_heads": 16,
        "head_dim": 256,
        "num_global_key_value_heads": 4,
        "global_head_dim": 512,
        "sliding_window": 1024,
    },
}


def read(config: dict[str, Any]) -> ModelFacts:
    return facts_of(facts_of_config(config, 4 * GIB))


@pytest.mark.parametrize(
    ("config", "attention"),
    [
        (QWEN3_8B, (Attention(36, 8, 128),)),
        (EXAONE_2_4B, (Attention(30, 8, 80),)),
        (BGE_M3, ()),
        (QWEN3_30B, (Attention(48, 4, 128),)),
        (DEEPSEEK_V2_LITE, (Attention(27, 1, 576, latent=True),)),
        (MISTRAL_7B_V1, (Attention(36, 8, 128, window=4096),)),
        (GEMMA_2, (Attention(18, 8, 128), Attention(18, 8, 128, window=4096))),
        (GEMMA_4, (Attention(10, 4, 512), Attention(50, 16, 256, window=1024))),
    ],
)
def test_kinds_of_attention(config: dict[str, Any], attention: tuple[Attention, ...]) -> None:
    assert read(config).attention == attention


def test_sizes() -> None:
    found = read(EXAONE_2_4B)
    assert (found.layers, found.hidden, found.intermediate, found.vocabulary) == (30, 2560, 7168, 102400)
    assert (found.positions, found.weight_bytes, found.quantization) == (32768, 4 * GIB, "awq")


def test_what_differs_by_kind() -> None:
    assert read(BGE_M3).positions == 8192
    assert (read(QWEN3_30B).intermediate, read(QWEN3_30B).experts_per_token) == (768, 8)
    assert read(QWEN3_30B).widened == 8 * 768
    assert read(GEMMA_4).sees
    assert not read(GEMMA_2).sees


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"hidden_size": None}, "it has no number `hidden_size`"),
        ({"num_hidden_layers": None}, "it has no number `num_hidden_layers`"),
        (
            {"layer_types": ["linear_attention", "full_attention"]},
            "it has layers of the kind linear_attention, whose memory is not in the sums",
        ),
    ],
)
def test_what_cannot_be_judged_is_said(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read({**QWEN3_8B, **change})
