"""vllm.card-memory: what to lower first"""

from __future__ import annotations

import pytest

from tests.support.readings import agrees, read_line
from toolkit.checking import Change
from toolkit.checks.vllm_card_memory import vllm_card_memory
from toolkit.facts import CardProcessFact, CardStateFact


@pytest.mark.parametrize(
    ("service", "line", "cause", "remedy"),
    [
        (
            "llm-general",
            "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 1.16 GiB. GPU 0 has a total "
            "capacity of 23.6 GiB",
            "take more than the card has left",
            "0.82 → 0.75",
        ),
        (
            "llm-general",
            "RuntimeError: CUDA out of memory occurred when warming up sampler with 1024 dummy requests. "
            "Please try lowering `max_num_seqs`",
            "max_num_seqs (1024)",
            "lower services.llm_general.flags.max_num_seqs first",
        ),
        ("llm-general", "RuntimeError: CUDA error: out of memory", "take more", "ladder"),
        (
            "llm-general",
            "RuntimeError: Unexpected error from cudaGetDeviceCount(). Error 2: out of memory",
            "weights, cache and one step together take more than",
            "the ladder, one rung at a time: lower",
        ),
    ],
)
def test_a_line_is_read(service: str, line: str, cause: str, remedy: str) -> None:
    agrees(vllm_card_memory, service, line, cause, remedy)


OUT = "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 1.16 GiB."


def test_the_sampler_wants_fewer_sequences_and_the_ladder_its_next_rung() -> None:
    sampler = "CUDA out of memory occurred when warming up sampler with 1024 dummy requests"
    assert read_line(vllm_card_memory, sampler).changes == (
        Change("services.llm_general.flags.max_num_seqs", 8),
    )
    assert read_line(vllm_card_memory, OUT).changes == (
        Change("services.llm_general.flags.max_model_len", 4096),
    )


def test_an_orphan_is_not_tuned_around() -> None:
    orphan = CardProcessFact(4711, "VLLM::EngineCore", 15000)
    card = (CardStateFact(0, "GPU-1", 32768, 16384, processes=(orphan,)),)
    found = read_line(vllm_card_memory, OUT, card_states=card)
    assert "do not tune" in found.remedy
    assert found.changes == ()
