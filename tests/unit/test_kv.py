"""Bytes and tokens of the cache, against published figures."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.planning.kv import KvLayout, bytes_per_token, longest_context, request_bytes, tokens_in
from toolkit.planning.model_facts import Attention, ModelFacts
from toolkit.values import replace

GIB = 2**30
LAYOUT = KvLayout(element_bytes=2, batched_tokens=2048)


def facts(*attention: Attention, positions: int = 131072) -> ModelFacts:
    layers = sum(a.layers for a in attention)
    return ModelFacts(layers, attention, 4096, 14336, 128256, 15 * GIB, positions)


LLAMA = facts(Attention(32, 8, 128))
QWEN3_30B = facts(Attention(48, 4, 128))
# 27 layers of a latent of 512 and a rotary part of 64
DEEPSEEK_V2_LITE = facts(Attention(27, 1, 576, latent=True))
GEMMA_31B = facts(Attention(10, 4, 512), Attention(50, 16, 256, window=1024))


@pytest.mark.parametrize(
    ("model", "layout", "expected"),
    [
        (LLAMA, LAYOUT, 131072),  # vLLM's documentation
        (LLAMA, replace(LAYOUT, element_bytes=1), 65536),
        (LLAMA, replace(LAYOUT, tensor_parallel=2), 65536),
        (LLAMA, replace(LAYOUT, tensor_parallel=16), 32 * 2 * 128 * 2),
        (QWEN3_30B, replace(LAYOUT, tensor_parallel=8), 48 * 2 * 128 * 2),
        (LLAMA, replace(LAYOUT, pipeline_parallel=3), 11 * 4096),
        (DEEPSEEK_V2_LITE, LAYOUT, 27 * 1152),
        (DEEPSEEK_V2_LITE, replace(LAYOUT, tensor_parallel=2), 27 * 1152),
        (facts(), LAYOUT, 0),
    ],
)
def test_bytes_of_a_token(model: ModelFacts, layout: KvLayout, expected: int) -> None:
    assert bytes_per_token(model, layout) == expected


def test_what_a_request_needs_as_vllm_said_it() -> None:
    """vllm-project/vllm#15871: 0.95 GiB for 32768; a public log of gemma-4: 12.04 GiB for 65536, 9.54 for 32768."""
    large = replace(LAYOUT, batched_tokens=8192)
    assert request_bytes(DEEPSEEK_V2_LITE, LAYOUT, 32768) / GIB == pytest.approx(0.949, abs=0.001)
    assert request_bytes(GEMMA_31B, large, 65536) / GIB == pytest.approx(12.04, abs=0.01)
    assert request_bytes(GEMMA_31B, large, 32768) / GIB == pytest.approx(9.54, abs=0.01)


def test_tokens_as_vllm_said_them() -> None:
    """Public logs of an L4 with Qwen3-8B: 67 424 tokens in 9.26 GiB, 134 864 with an fp8 cache."""
    qwen3_8b = facts(Attention(36, 8, 128))
    assert tokens_in(qwen3_8b, LAYOUT, 9.26 * GIB, 8192) == pytest.approx(67424, rel=0.001)
    assert tokens_in(qwen3_8b, replace(LAYOUT, element_bytes=1), 9.26 * GIB, 8192) == pytest.approx(
        134864, rel=0.001
    )


def test_memory_that_is_not_there_holds_nothing() -> None:
    assert tokens_in(LLAMA, LAYOUT, -GIB, 4096) == 0
    assert longest_context(LLAMA, LAYOUT, -GIB) == 0
    assert tokens_in(facts(), LAYOUT, GIB, 4096) == 0


def test_a_model_is_never_given_more_than_it_was_made_for() -> None:
    assert longest_context(facts(Attention(32, 8, 128), positions=4096), LAYOUT, 100 * GIB) == 4096


def test_sliding_layers_stop_to_grow() -> None:
    sliding = facts(Attention(32, 8, 128, window=1024))
    short, long = (request_bytes(sliding, LAYOUT, tokens) for tokens in (4096, 131072))
    assert short == long == 32 * 4096 * (-(-(1023 + 2048) // 16) + 1) * 16


MODELS = st.builds(
    lambda layers, heads, dim, windowed, window: facts(
        Attention(layers, heads, dim), *((Attention(layers, heads, dim, window=window),) if windowed else ())
    ),
    layers=st.integers(1, 90),
    heads=st.integers(1, 16),
    dim=st.sampled_from([64, 80, 128, 256]),
    windowed=st.booleans(),
    window=st.integers(16, 8192),
)


@given(MODELS, st.floats(0, 80 * GIB), st.floats(0, 80 * GIB), st.integers(16, 65536))
def test_more_memory_never_holds_less(model: ModelFacts, memory: float, more: float, length: int) -> None:
    assert longest_context(model, LAYOUT, memory + more) >= longest_context(model, LAYOUT, memory)
    assert tokens_in(model, LAYOUT, memory + more, length) >= tokens_in(model, LAYOUT, memory, length)


@given(MODELS, st.floats(0, 80 * GIB))
def test_the_longest_context_fits_and_one_token_more_does_not(model: ModelFacts, memory: float) -> None:
    longest = longest_context(model, LAYOUT, memory)
    assert request_bytes(model, LAYOUT, longest) <= memory or longest == 0
    if longest < model.positions:
        assert request_bytes(model, LAYOUT, longest + 1) > memory
