"""Do the cards hold what was planned?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Status, Suite, check
from toolkit.demands import is_on, services_on
from toolkit.snapshot import Need, known

if TYPE_CHECKING:
    from toolkit.facts import CardStateFact
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot

# What a server takes beside its share: the driver's context, buffers of its libraries.
_BESIDE_MIB = 512
_HIGH, _FULL = 0.80, 0.90
_UTILIZATION = "--gpu-memory-utilization"


@check(
    "gpu.memory",
    "The cards hold what was planned",
    needs={Need.CARD_STATES},
    suites={Suite.DIAGNOSE},
)
def gpu_memory(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Warn where more of a card is used than its services were given and 0.5 GiB, and it is over 80 % full.

    Over 90 % that is a failure: the next request may find no memory. A card that is full because the plan fills it is
    as it should be.
    """
    for card in known(seen.card_states):
        planned = _planned_mib(plan, card)
        share = card.used_mib / card.memory_mib if card.memory_mib else 0.0
        over = card.used_mib > planned + _BESIDE_MIB
        status = (
            Status.FAIL if over and share > _FULL else Status.WARN if over and share > _HIGH else Status.PASS
        )
        bad = status is not Status.PASS
        yield Finding(
            subject=f"card {card.index}",
            status=status,
            observed=f"{card.used_mib} of {card.memory_mib} MiB, {share:.0%}",
            expected=f"{planned:.0f} MiB, as planned, and {_BESIDE_MIB} MiB" if bad else "",
            cause="something is on it that was not planned, or a server takes more than its share"
            if bad
            else "",
            remedy="`nvidia-smi` names the programs; end what does not belong there" if bad else "",
            evidence=tuple(f"pid {p.pid} {p.name} {p.service} {p.used_mib} MiB" for p in card.processes)
            if bad
            else (),
            concerns=services_on(plan, card),
        )


def _planned_mib(plan: Plan, card: CardStateFact) -> float:
    return sum(
        card.memory_mib * (_utilization(service.command) or pin.share)
        for service in plan.services
        for pin in service.gpus
        if is_on(pin, card)
    )


def _utilization(command: tuple[str, ...]) -> float | None:
    words = " ".join(command).replace("=", " ").split()
    return float(words[words.index(_UTILIZATION) + 1]) if _UTILIZATION in words else None
