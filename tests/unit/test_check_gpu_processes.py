"""Who is on a card without being planned for it."""

from __future__ import annotations

from tests.support.findings import ask
from tests.support.plans import plan
from toolkit.checking import Status
from toolkit.checks.gpu_processes import gpu_processes
from toolkit.facts import CardProcessFact, CardStateFact

TWO = plan(machine="rtx-5090")
UUID = TWO.hosts[0].cards[0].uuid or ""
OWN = CardProcessFact(1, "VLLM::EngineCore", 9000, "llm-general", "aa")
ORPHAN = CardProcessFact(2, "VLLM::EngineCore", 8000)
FOREIGN = CardProcessFact(3, "python", 900, "", "ff" * 32)


def card(*processes: CardProcessFact) -> tuple[CardStateFact, ...]:
    return (CardStateFact(0, UUID, 32607, 20000, processes=processes),)


def test_only_those_that_were_planned() -> None:
    tiny = CardProcessFact(9, "Xorg", 10)
    (found,) = ask(gpu_processes, TWO, card_states=card(OWN, tiny))
    assert found.status is Status.PASS


def test_an_orphan_is_ended_and_nothing_is_tuned() -> None:
    (found,) = ask(gpu_processes, TWO, card_states=card(OWN, ORPHAN, FOREIGN))
    assert (found.status, found.observed) == (Status.FAIL, "8900 MiB are held by what was not planned for it")
    assert found.remedy.splitlines() == ["kill 2", f"docker stop {'ff' * 6}"]
    assert "no container" in found.cause
    assert found.rejected
    assert found.changes == ()


def test_another_service() -> None:
    (found,) = ask(
        gpu_processes, TWO, card_states=card(CardProcessFact(4, "python", 900, "training-server", "bb"))
    )
    assert found.remedy.endswith("toolkit stop training-server")
