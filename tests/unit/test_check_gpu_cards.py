"""gpu.cards: planned against present, by UUID where the profile knows it."""

from __future__ import annotations

import pytest

from tests.support.findings import RUNNING, ask, card
from tests.support.plans import plan
from toolkit.checking import Finding, Status
from toolkit.checks.gpu_cards import gpu_cards
from toolkit.facts import CardFact, GpuTrialFact
from toolkit.units import MIB

GPU = plan(machine="rtx-5090", environment="production")
PLANNED = GPU.hosts[0].cards[0]


def found(
    *cards: CardFact, running: bool = False, trials: tuple[GpuTrialFact, ...] = ()
) -> tuple[Finding, ...]:
    return ask(gpu_cards, GPU, cards=cards, containers=RUNNING if running else (), gpu_trials=trials)


def same(memory_mib: int = PLANNED.memory_bytes // MIB, used_mib: int = 10) -> CardFact:
    return card(PLANNED.index, memory_mib, used_mib, PLANNED.uuid or "GPU-1")


def test_the_planned_card_with_its_memory() -> None:
    (one,) = found(same())
    assert (one.subject, one.status) == (f"card {PLANNED.index}", Status.PASS)


def test_no_driver_shows_any_card() -> None:
    (one,) = found()
    assert (one.status, one.observed) == (Status.FAIL, "it is not there: no NVIDIA driver shows any card")
    assert one.remedy.startswith("`nvidia-smi -L`")


@pytest.mark.parametrize(
    ("refusal", "status"), [("", Status.WARN), ("unknown device", Status.FAIL), (None, Status.FAIL)]
)
def test_a_card_that_a_container_got_is_there_though_no_driver_shows_it(
    refusal: str | None, status: Status
) -> None:
    device_id = PLANNED.uuid or str(PLANNED.index)
    (one,) = found(trials=(GpuTrialFact(device_id, refusal),))
    assert one.status is status


def test_another_card_is_named() -> None:
    (one,) = found(card(index=PLANNED.index + 1, uuid="GPU-9"))
    assert one.status is Status.FAIL
    assert "GPU-9, NVIDIA GeForce RTX 5090" in one.observed


def test_a_smaller_card_says_what_to_write() -> None:
    (one,) = found(same(memory_mib=16000))
    assert (one.status, one.observed) == (Status.FAIL, "NVIDIA GeForce RTX 5090, 16000 MiB")
    assert one.remedy.endswith("memory: 16000MiB")


@pytest.mark.parametrize(
    ("running", "statuses"), [(False, [Status.WARN, Status.PASS]), (True, [Status.PASS])]
)
def test_a_card_in_use_is_a_warning_only_before_the_stack_runs(running: bool, statuses: list[Status]) -> None:
    assert [one.status for one in found(same(used_mib=9000), running=running)] == statuses


def test_without_planned_cards_there_is_nothing_to_say() -> None:
    assert ask(gpu_cards, cards=(), containers=(), gpu_trials=()) == ()
