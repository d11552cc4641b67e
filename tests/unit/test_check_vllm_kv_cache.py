"""vllm.kv-cache: raise or lower, by what is missing"""

from __future__ import annotations

import pytest

from tests.support.readings import agrees, read_line
from toolkit.checking import Change
from toolkit.checks.vllm_kv_cache import vllm_kv_cache
from toolkit.facts import CardStateFact


@pytest.mark.parametrize(
    ("service", "line", "cause", "remedy"),
    [
        (
            "llm-general",
            "ValueError: No available memory for the cache blocks. Try increasing `gpu_memory_utilization` "
            "when initializing the engine.",
            "nothing is left for the KV cache",
            "raise gpu_memory_utilization",
        ),
        (
            "llm-general",
            "ValueError: The model's max seq len (40960) is larger than the maximum number of tokens that "
            "can be stored in KV cache (21072). Try increasing `gpu_memory_utilization`",
            "one request of full length",
            "max_model_len",
        ),
        (
            "llm-general",
            "INFO [executor_base.py:122] Maximum concurrency for 29000 tokens per request: 0.82x",
            "less than one request",
            "max_num_batched_tokens",
        ),
        (
            "llm-general",
            "ValueError: max_num_seqs (1024) exceeds available Mamba cache blocks (969).",
            "the model keeps a state (Mamba, linear attention)",
            "lower",
        ),
    ],
)
def test_a_line_is_read(service: str, line: str, cause: str, remedy: str) -> None:
    agrees(vllm_kv_cache, service, line, cause, remedy)


NEEDED = (
    "ValueError: To serve at least one request with the models's max seq len (40960), (5.62 GiB KV cache is "
    "needed, which "
    "is larger than the available KV cache memory (2.90 GiB). Based on the available memory, the estimated "
    "maximum model "
    "length is 21120. Try increasing `gpu_memory_utilization` or decreasing `max_model_len` when "
    "initializing the engine."
)
NONE = "ValueError: No available memory for the cache blocks. Try increasing `gpu_memory_utilization`."


def test_the_length_that_fits_is_taken_from_the_text() -> None:
    found = read_line(vllm_kv_cache, NEEDED)
    assert "5.62 GiB" in found.cause
    assert found.changes == (Change("services.llm_general.flags.max_model_len", 21120),)


def test_no_blocks_at_all_raises_the_share_and_never_lowers_it() -> None:
    (change,) = read_line(vllm_kv_cache, NONE).changes
    assert change == Change("services.llm_general.flags.gpu_memory_utilization", 0.583)


def test_weights_that_fill_the_card_are_no_matter_of_the_share() -> None:
    card = (CardStateFact(0, "GPU-1", 20475, 20000),)
    found = read_line(vllm_kv_cache, "INFO Model loading took 18.9 GiB and 4 seconds", NONE, card_states=card)
    assert "the weights alone fill the card" in found.cause
    assert found.changes == ()
    assert any(text.startswith("share too small") for text in found.rejected)
