"""Cards that hold more than was planned."""

from __future__ import annotations

from tests.support.findings import ask
from tests.support.plans import plan
from toolkit.checking import Status
from toolkit.checks.gpu_memory import gpu_memory
from toolkit.facts import CardProcessFact, CardStateFact

TWO = plan(machine="rtx-5090")
UUID = TWO.hosts[0].cards[0].uuid or ""


def card(used_mib: int) -> tuple[CardStateFact, ...]:
    return (CardStateFact(0, UUID, 32607, used_mib, processes=(CardProcessFact(7, "python", used_mib),)),)


def test_full_as_planned_is_as_it_should_be() -> None:
    (found,) = ask(gpu_memory, TWO, card_states=card(26000))
    assert found.status is Status.PASS
    assert set(found.concerns) == {"llm-general", "llm-fast"}


def test_more_than_planned() -> None:
    (warned,) = ask(gpu_memory, TWO, card_states=card(28500))
    (failed,) = ask(gpu_memory, TWO, card_states=card(31000))
    assert (warned.status, failed.status) == (Status.WARN, Status.FAIL)
    assert failed.evidence == ("pid 7 python  31000 MiB",)


def test_no_cards_nothing_to_say() -> None:
    assert ask(gpu_memory, TWO, card_states=()) == ()
