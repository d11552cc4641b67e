"""What is left of a card, its parts against published measurements, and the verdict."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.planning.fit import Wish, fit
from toolkit.planning.kv import KvLayout
from toolkit.planning.model_facts import Attention, ModelFacts
from toolkit.planning.vram import room
from toolkit.planning.vram_parts import (
    GIB,
    Server,
    Span,
    capture_sizes,
    forward,
    graphs,
    sampling,
    taken,
    traits_of,
    vision,
    weights,
)
from toolkit.planning.weights import estimated_bytes
from toolkit.values import replace

QWEN3_8B = ModelFacts(36, (Attention(36, 8, 128),), 4096, 12288, 151936, int(15.27 * GIB), 40960)
LLAMA = ModelFacts(32, (Attention(32, 8, 128),), 4096, 14336, 128256, int(14.99 * GIB), 131072)
NOW = traits_of((0, 32))
SERVER = Server(0.9, max_num_seqs=256, batched_tokens=2048, traits=NOW)
WISH = Wish(24 * GIB, QWEN3_8B, SERVER, KvLayout(2, 2048), 8192)


@pytest.mark.parametrize(
    ("model", "vocabulary", "measured_gib"),
    [("Llama-3.1-8B", 128256, 4.76), ("Qwen3-0.6B", 151936, 5.56), ("gpt-oss-120b", 201088, 7.38)],
)
def test_sampling_of_1024_sequences_on_an_h100_with_vllm_0_11(
    model: str, vocabulary: int, measured_gib: float
) -> None:
    """llm-d-benchmark's table of peak activations: they follow the vocabulary, not the size of the model."""
    server = replace(SERVER, max_num_seqs=1024, batched_tokens=8192, traits=traits_of((0, 11)))
    peak = sampling(replace(LLAMA, vocabulary=vocabulary), server)
    assert peak.likely < measured_gib * GIB < peak.high, model


@pytest.mark.parametrize(
    ("seqs", "batched", "sizes"), [(256, 2048, 51), (16, 2048, 7), (1, 2048, 2), (8, 8, 4)]
)
def test_how_many_sizes_are_captured(seqs: int, batched: int, sizes: int) -> None:
    """51 for 256 sequences is what vLLM's log tells: `Profiling CUDA graph memory: PIECEWISE=51 (largest=512)`."""
    assert capture_sizes(replace(SERVER, max_num_seqs=seqs, batched_tokens=batched)) == sizes


def test_graphs_cost_where_they_are_counted_and_captured() -> None:
    none = Span(0, 0, 0)
    assert graphs(QWEN3_8B, replace(SERVER, eager=True)) == none
    assert graphs(QWEN3_8B, replace(SERVER, traits=traits_of((0, 20)))) == none
    counted = graphs(QWEN3_8B, SERVER)
    assert counted.low < 0.48 * GIB < counted.high


def test_a_batch_costs_by_its_widest_block() -> None:
    dense = forward(LLAMA, SERVER)
    assert dense.low == 2048 * 2 * (2 * 14336 + 2 * 4096)
    experts = forward(replace(LLAMA, intermediate=768, experts_per_token=8), SERVER)
    assert experts.low == 2048 * 2 * (2 * 8 * 768 + 2 * 4096)
    assert forward(LLAMA, replace(SERVER, tensor_parallel=2)).low < dense.low


def test_ranks_share_the_weights_and_pay_for_their_exchange() -> None:
    two = replace(SERVER, tensor_parallel=2)
    assert weights(LLAMA, two).likely == LLAMA.weight_bytes / 2
    assert taken(two).low > taken(SERVER).low
    assert vision(replace(LLAMA, sees=True)).high > vision(LLAMA).high == 0


@pytest.mark.parametrize(
    ("parameters", "vocabulary", "hidden", "tied", "method", "expected_gib"),
    [
        (8.19e9, 151936, 4096, False, None, 15.27),  # Qwen3-8B, as loaded
        (8.19e9, 151936, 4096, False, "nvfp4", 5.98),
        (0.596e9, 151936, 1024, True, None, 1.12),  # Qwen3-0.6B: the file holds the tied table twice, 1.4 GiB
        (7.62e9, 152064, 3584, False, "awq", 5.29),  # Qwen2.5-7B-Instruct-AWQ
        (14.77e9, 151936, 5120, False, "awq", 9.29),  # Qwen3-14B-AWQ: files of 9.98 GB
    ],
)
def test_weights_from_the_number_of_parameters(
    parameters: float, vocabulary: int, hidden: int, *, tied: bool, method: str | None, expected_gib: float
) -> None:
    found = estimated_bytes(parameters, vocabulary, hidden, tied=tied, method=method)
    assert found / GIB == pytest.approx(expected_gib, rel=0.025)


def test_a_quantization_that_is_not_known() -> None:
    with pytest.raises(ValueError, match="quantization 'magic' is none of awq, bitsandbytes, fp8, gptq"):
        estimated_bytes(1e9, 1000, 64, tied=True, method="magic")


def test_the_verdict_has_three_answers() -> None:
    assert fit(WISH).verdict == "fits"
    assert fit(replace(WISH, card_bytes=16 * GIB)).verdict == "does not fit"
    edge = next(
        found
        for tenths in range(160, 240)
        if (found := fit(replace(WISH, card_bytes=tenths * GIB // 10))).verdict != "does not fit"
    )
    assert edge.verdict == "too close to call"
    assert edge.kv.low < edge.need_bytes <= edge.kv.high


def test_what_is_missing_is_measured_from_the_middle() -> None:
    found = fit(replace(WISH, card_bytes=16 * GIB))
    assert found.missing_bytes == found.need_bytes - found.kv.likely > 0
    assert fit(WISH).missing_bytes == 0


@pytest.mark.parametrize(
    ("kv_gib", "verdict"),
    [(1, "does not fit"), (3, "fits"), (7.5, "too close to call"), (20, "does not fit")],
)
def test_a_cache_by_hand_holds_a_request_and_has_room_on_the_card(kv_gib: float, verdict: str) -> None:
    found = fit(replace(WISH, kv_bytes=int(kv_gib * GIB)))
    assert found.verdict == verdict
    assert found.kv == Span(*(kv_gib * GIB,) * 3)


def test_a_model_without_a_cache_needs_none() -> None:
    found = fit(replace(WISH, facts=replace(QWEN3_8B, attention=())))
    assert (found.verdict, found.need_bytes, found.tokens, found.sequences) == ("fits", 0, 0, 0)


SERVERS = st.builds(
    lambda utilization, seqs, batched, eager: Server(utilization, seqs, batched, NOW, eager=eager),
    utilization=st.floats(0.1, 1),
    seqs=st.integers(1, 1024),
    batched=st.integers(16, 32768),
    eager=st.booleans(),
)


@given(SERVERS, st.integers(GIB, 100 * GIB), st.integers(0, 100 * GIB), st.integers(16, 40960))
def test_more_memory_on_the_card_never_holds_less(server: Server, card: int, more: int, length: int) -> None:
    wish = Wish(card, QWEN3_8B, server, KvLayout(2, server.batched_tokens), length)
    small, large = fit(wish), fit(replace(wish, card_bytes=card + more))
    assert large.context >= small.context
    assert large.tokens >= small.tokens
    assert large.context * large.sequences >= small.context * small.sequences
    order = ("does not fit", "too close to call", "fits")
    assert order.index(large.verdict) >= order.index(small.verdict)


@given(SERVERS, st.integers(GIB, 100 * GIB))
def test_an_interval_is_in_order(server: Server, card: int) -> None:
    left = room(card, QWEN3_8B, server)
    assert left.kv.low <= left.kv.likely <= left.kv.high <= left.budget_bytes
