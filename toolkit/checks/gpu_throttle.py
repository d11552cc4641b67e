"""Is a card slowed down?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Status, Suite, check
from toolkit.demands import services_on
from toolkit.snapshot import Need, known

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot

_HOT_C = 87


@check(
    "gpu.throttle",
    "No card is slowed down",
    needs={Need.CARD_STATES},
    suites={Suite.DIAGNOSE},
    explains=("endpoint.slow",),
)
def gpu_throttle(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Warn of a card that the driver slows down for heat or by its hardware, and of one over 87 °C.

    A power cap alone is what a busy card meets by design: it is told, and nothing more.
    """
    for card in known(seen.card_states):
        slowed = [word for word in card.throttle if word != "power cap"]
        hot = (card.temperature_c or 0) > _HOT_C
        bad = bool(slowed) or hot
        heat = "" if card.temperature_c is None else f"{card.temperature_c} °C"
        power = "" if card.power_w is None else f"{card.power_w:.0f} of {card.power_limit_w or 0:.0f} W"
        yield Finding(
            subject=f"card {card.index}",
            status=Status.WARN if bad else Status.PASS,
            observed=", ".join(part for part in (*card.throttle, heat, power) if part) or "nothing is told",
            expected=f"no slowdown, at most {_HOT_C} °C" if bad else "",
            cause="heat"
            if hot or any("thermal" in word for word in slowed)
            else "power supply"
            if slowed
            else "",
            remedy="look after its fans and the air around it; `nvidia-smi -q -d PERFORMANCE` shows when "
            "it ends"
            if bad
            else "",
            concerns=services_on(plan, card),
        )
