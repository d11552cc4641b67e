"""gpu.xid: the earliest fault is the root, whatever came most often."""

from __future__ import annotations

import pytest

from tests.support.findings import ask
from toolkit.checking import Confidence, Status
from toolkit.checks.gpu_xid import gpu_xid
from toolkit.diagnosis.xid import MEANINGS
from toolkit.facts import KernelFact, LogFact, Unavailable


def xid(code: int, card: str = "0000:44:00") -> KernelFact:
    return KernelFact(f"NVRM: Xid (PCI:{card}): {code}, pid=1234, name=python")


def test_the_earliest_is_the_root_and_the_others_follow() -> None:
    (found,) = ask(gpu_xid, kernel=(xid(79), *[xid(45)] * 9, xid(43)))
    assert (found.subject, found.status) == ("card 0000:44:00", Status.FAIL)
    assert found.observed == "Xid 79 came first, of 11 in all"
    assert "fallen off the bus" in found.cause
    assert any(text.startswith("Xid 45 (9 times): later than Xid 79") for text in found.rejected)


@pytest.mark.parametrize("code", [13, 31, 43, 48, 61, 62, 63, 64, 74, 79, 92, 94, 95, 119])
def test_each_number_has_its_cause_and_cure(code: int) -> None:
    (found,) = ask(gpu_xid, kernel=(xid(code),))
    meaning = MEANINGS[code]
    assert (found.cause, found.remedy) == (meaning.cause, meaning.remedy)
    assert (found.confidence is Confidence.CERTAIN) == (found.status is Status.FAIL) == meaning.hardware


def test_each_card_has_a_root_of_its_own_and_an_unknown_number_is_told() -> None:
    found = ask(gpu_xid, kernel=(xid(31, "0000:01:00"), xid(999, "0000:02:00")))
    by_card = {one.subject: one for one in found}
    assert set(by_card) == {"card 0000:01:00", "card 0000:02:00"}
    assert "NVIDIA's table" in by_card["card 0000:02:00"].remedy


def test_a_card_that_is_lost_without_a_number_is_one_off_the_bus() -> None:
    (found,) = ask(gpu_xid, kernel=(), logs=(LogFact("llm-general", ("ERROR_GPU_IS_LOST",)),), containers=())
    assert "fallen off the bus" in found.cause


def test_nothing_written_is_nothing_found_and_dark_is_an_error() -> None:
    assert ask(gpu_xid, kernel=()) == ()
    (found,) = ask(gpu_xid, kernel=Unavailable("dark"))
    assert found.status is Status.ERROR
