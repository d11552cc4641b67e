"""The nearest settings that fit, in order, and as lines that the profile takes."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from toolkit.planning.alternatives import Proposal, Surroundings, as_lines, nearest
from toolkit.planning.fit import Wish, fit
from toolkit.planning.kv import KvLayout
from toolkit.planning.model_facts import Attention, ModelFacts
from toolkit.planning.vram_parts import GIB, Server, traits_of
from toolkit.values import replace

QWEN3_8B = ModelFacts(36, (Attention(36, 8, 128),), 4096, 12288, 151936, int(15.27 * GIB), 40960)
QWEN3_8B_AWQ = replace(QWEN3_8B, weight_bytes=int(5.68 * GIB), quantization="awq")
QWEN3_4B = ModelFacts(36, (Attention(36, 8, 128),), 2560, 9728, 151936, int(7.5 * GIB), 40960)
SERVER = Server(0.82, max_num_seqs=16, batched_tokens=2048, traits=traits_of((0, 32)))
WISH = Wish(24 * GIB, QWEN3_8B, SERVER, KvLayout(2, 2048), 40960)
NOTHING = Surroundings({}, (0,), (), 0.82)


def lines(wish: Wish, around: Surroundings = NOTHING) -> list[str]:
    return [as_lines("llm_general", proposal) for proposal in nearest(wish, around)]


@pytest.mark.parametrize(
    ("wish", "around", "expected"),
    [
        (
            WISH,
            NOTHING,
            [
                "llm_general: {flags: {kv_cache_dtype: fp8}}",
                "llm_general: {flags: {max_model_len: 23552}}",
                "llm_general: {flags: {quantization: fp8}}",
            ],
        ),
        (
            WISH,
            replace(NOTHING, models={"qwen3-8b-awq": QWEN3_8B_AWQ}),
            [
                "llm_general: {flags: {kv_cache_dtype: fp8}}",
                "llm_general: {flags: {max_model_len: 23552}}",
                "llm_general: {model: qwen3-8b-awq}",
            ],
        ),
        (
            replace(WISH, card_bytes=16 * GIB, max_model_len=8192),
            replace(NOTHING, spare_cards=(1, 2), models={"qwen3-4b": QWEN3_4B}),
            [
                "llm_general: {flags: {quantization: fp8}}",
                "llm_general: {gpus: [0, 1], flags: {tensor_parallel_size: 2}}",
                "llm_general: {model: qwen3-4b}",
            ],
        ),
        (
            replace(WISH, server=replace(SERVER, utilization=0.5), max_model_len=4096),
            NOTHING,
            [
                "llm_general: {flags: {gpu_memory_utilization: 0.71}}",
                "llm_general: {flags: {quantization: fp8}}",
            ],
        ),
        (
            replace(WISH, kv_bytes=GIB, card_bytes=80 * GIB),
            NOTHING,
            [
                "llm_general: {flags: {kv_cache_memory_bytes: null}}",
                "llm_general: {flags: {max_model_len: 7168}}",
            ],
        ),
        (replace(WISH, card_bytes=2 * GIB), NOTHING, []),
    ],
)
def test_what_changes_least_comes_first(wish: Wish, around: Surroundings, expected: list[str]) -> None:
    assert lines(wish, around) == expected


def test_fewer_sequences_where_they_are_what_is_wanted() -> None:
    assert lines(replace(WISH, max_model_len=8192, sequences=16))[:2] == [
        "llm_general: {flags: {max_num_seqs: 2}}",
        "llm_general: {flags: {max_model_len: 1280}}",
    ]


def test_a_longer_context_in_an_fp8_cache_where_there_is_little_else() -> None:
    small = replace(WISH, facts=QWEN3_8B_AWQ, card_bytes=10 * GIB)
    assert lines(small) == [
        "llm_general: {flags: {max_model_len: 10752}}",
        "llm_general: {flags: {kv_cache_dtype: fp8, max_model_len: 21504}}",
    ]


def test_heads_that_do_not_divide_get_no_second_card() -> None:
    odd = replace(QWEN3_8B, attention=(Attention(36, 5, 128),))
    around = replace(NOTHING, spare_cards=(1,))
    assert "tensor_parallel_size" not in " ".join(lines(replace(WISH, facts=odd), around))


def test_lines_are_yaml() -> None:
    proposal = Proposal(WISH, {"gpus": [0, 1], "flags.tensor_parallel_size": 2, "flags.quantization": "fp8"})
    assert yaml.safe_load(as_lines("llm_fast", proposal)) == {
        "llm_fast": {"gpus": [0, 1], "flags": {"tensor_parallel_size": 2, "quantization": "fp8"}}
    }


@given(st.integers(2, 80), st.integers(1024, 40960), st.integers(1, 64), st.integers(0, 3))
def test_whatever_is_proposed_fits(card_gib: int, length: int, sequences: int, spare: int) -> None:
    server = replace(SERVER, max_num_seqs=sequences)
    wish = replace(WISH, card_bytes=card_gib * GIB, server=server, max_model_len=length, sequences=sequences)
    around = replace(NOTHING, spare_cards=tuple(range(1, 1 + spare)), models={"small": QWEN3_4B})
    found = nearest(wish, around)
    assert {fit(proposal.wish).verdict for proposal in found} <= {"fits"}
    assert len({as_lines("x", proposal) for proposal in found}) == len(found) <= 3
