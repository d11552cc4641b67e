"""gpu.rows: a reset for what waits, a new card for what found no spare."""

from __future__ import annotations

from tests.support.findings import ask
from toolkit.checking import Status
from toolkit.checks.gpu_rows import gpu_rows
from toolkit.facts import CardStateFact, LogFact, Unavailable


def test_pending_rows_want_a_reset_and_failed_ones_another_card() -> None:
    waiting = CardStateFact(0, "GPU-1", 81920, 0, remap_pending=True, remap_failed=False)
    (found,) = ask(gpu_rows, card_states=(waiting,))
    assert (found.subject, found.status) == ("card 0", Status.WARN)
    assert "reset the card" in found.remedy
    failed = CardStateFact(1, "GPU-2", 81920, 0, remap_pending=True, remap_failed=True)
    (found,) = ask(gpu_rows, card_states=(failed,))
    assert (found.subject, found.status) == ("card 1", Status.FAIL)
    assert "replace the card" in found.remedy


def test_what_nvidia_smi_prints_is_read_too() -> None:
    lines = (
        "Remapped Rows",
        "  Correctable Error                 : 0",
        "  Pending                           : Yes",
    )
    (found,) = ask(gpu_rows, card_states=(), logs=(LogFact("report", lines),), containers=())
    assert found.status is Status.WARN


def test_a_card_without_such_memory_says_nothing_and_dark_is_an_error() -> None:
    assert ask(gpu_rows, card_states=(CardStateFact(0, "GPU-1", 32607, 0),)) == ()
    (found,) = ask(gpu_rows, card_states=Unavailable("dark"))
    assert found.status is Status.ERROR
