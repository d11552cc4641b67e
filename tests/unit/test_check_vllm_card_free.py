"""vllm.card-free: who holds the card decides what to do"""

from __future__ import annotations

import pytest

from tests.support.readings import agrees, read_line
from toolkit.checking import Change, Confidence
from toolkit.checks.vllm_card_free import vllm_card_free
from toolkit.facts import CardProcessFact, CardStateFact


@pytest.mark.parametrize(
    ("service", "line", "cause", "remedy"),
    [
        (
            "llm-general",
            "ValueError: Free memory on device (5.1/31.36 GiB) on startup is less than desired GPU memory utilization (0.9, 28.2 GiB). Decrease GPU memory utilization or reduce GPU memory used by other processes.",
            "something else already holds memory",
            "lower gpu_memory_utilization",
        ),
        (
            "llm-general",
            "AssertionError: Error in memory profiling. Initial free memory 10.0 GiB, current free memory 12.0 GiB.",
            "something else",
            "stop the other program",
        ),
    ],
)
def test_a_line_is_read(service: str, line: str, cause: str, remedy: str) -> None:
    agrees(vllm_card_free, service, line, cause, remedy)


LINE = (
    "(EngineCore_0 pid=12) ValueError: Free memory on device cuda:0 (16.0/32.0 GiB) on startup is less than desired "
    "GPU memory utilization (0.9, 28.8 GiB)."
)


def card(*processes: CardProcessFact) -> tuple[CardStateFact, ...]:
    return (CardStateFact(0, "GPU-1", 32768, 16384, processes=processes),)


def test_an_orphan_is_ended_and_nothing_is_tuned() -> None:
    orphan = CardProcessFact(4711, "VLLM::EngineCore", 15000)
    found = read_line(vllm_card_free, LINE, card_states=card(orphan))
    assert "left its engine process behind" in found.cause
    assert "do not tune" in found.remedy
    assert found.changes == ()
    assert found.confidence is Confidence.CERTAIN
    assert any("gpu_memory_utilization is too high" in text for text in found.rejected)
    assert any("pid 4711" in text for text in found.evidence)


def test_another_program_leaves_a_share_that_fits_and_the_orphan_is_rejected_by_name() -> None:
    found = read_line(vllm_card_free, LINE, card_states=card(CardProcessFact(900, "jupyter", 15000)))
    assert found.changes == (Change("services.llm_general.flags.gpu_memory_utilization", 0.48),)
    assert any(text.startswith("orphan of a killed server: no process") for text in found.rejected)


def test_a_service_of_this_stack_is_named() -> None:
    other = CardProcessFact(900, "VLLM::EngineCore", 15000, "llm-fast", "abc")
    found = read_line(vllm_card_free, LINE, card_states=card(other))
    assert "two services of this stack share the card" in found.cause
    assert any("llm-fast (pid 900)" in text for text in found.evidence)
