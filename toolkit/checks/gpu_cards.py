"""Are the cards there that are planned?"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Status, Suite, check
from toolkit.snapshot import Need, known
from toolkit.units import MIB

if TYPE_CHECKING:
    from toolkit.facts import CardFact
    from toolkit.planning.plan import Card, Plan
    from toolkit.snapshot import Snapshot

# What the driver keeps of a card differs from one version to the next.
_KEPT_SHARE = 0.02
_IDLE_MIB = 1024


@check(
    "gpu.cards",
    "The cards are there that are planned",
    needs={Need.CARDS, Need.CONTAINERS, Need.GPU_TRIALS},
    suites={Suite.PREFLIGHT, Suite.DIAGNOSE},
)
def gpu_cards(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Fail where a card of the profile is not there (by UUID, else by index) or has less memory than it says.

    Before the stack runs, warn of a card that others use. A card that a container got is there, whatever the driver
    shows here: that is a warning only, as nobody could see its memory.
    """
    there = known(seen.cards)
    got = {trial.device_id for trial in known(seen.gpu_trials) if trial.refusal == ""}
    runs = any(fact.state == "running" for fact in known(seen.containers))
    for host in plan.hosts:
        for card in host.cards:
            found = _same(card, there)
            if found is None:
                handed = not got.isdisjoint({card.uuid, str(card.index)})
                yield _missing(card, host.name, there, Status.WARN if handed else Status.FAIL)
                continue
            yield _fits(card, found, host.name)
            if not runs and found.used_mib > _IDLE_MIB:
                yield _in_use(found)


def _same(card: Card, there: Collection[CardFact]) -> CardFact | None:
    return next(
        (one for one in there if (one.uuid == card.uuid if card.uuid else one.index == card.index)), None
    )


def _missing(card: Card, host: str, there: Collection[CardFact], status: Status) -> Finding:
    names = ", ".join(f"{one.index} ({one.uuid}, {one.name})" for one in there)
    return Finding(
        subject=f"card {card.index}",
        status=status,
        observed=f"it is not there: {names or 'no NVIDIA driver shows any card'}",
        expected=f"{card.uuid or card.name}, as hosts.{host}.gpus says",
        remedy=f"`nvidia-smi -L` lists what is there; correct hosts.{host}.gpus, or look after card and driver",
    )


def _fits(card: Card, found: CardFact, host: str) -> Finding:
    planned_mib = card.memory_bytes // MIB
    enough = found.memory_mib >= planned_mib * (1 - _KEPT_SHARE)
    return Finding(
        subject=f"card {card.index}",
        status=Status.PASS if enough else Status.FAIL,
        observed=f"{found.name}, {found.memory_mib} MiB",
        expected=f"{planned_mib} MiB, as hosts.{host}.gpus says",
        remedy="" if enough else f"write what it shows: hosts.{host}.gpus, memory: {found.memory_mib}MiB",
    )


def _in_use(found: CardFact) -> Finding:
    return Finding(
        subject=f"card {found.index}",
        status=Status.WARN,
        observed=f"{found.used_mib} of {found.memory_mib} MiB are in use",
        expected="a free card, as nothing of this stack runs",
        remedy="`nvidia-smi` names the programs; stop them, or plan with another card",
    )
