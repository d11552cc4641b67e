"""Cards that are slowed down."""

from __future__ import annotations

from tests.support.findings import ask
from toolkit.checking import Status
from toolkit.checks.gpu_throttle import gpu_throttle
from toolkit.facts import CardStateFact


def test_heat_is_a_fault_and_a_power_cap_is_not() -> None:
    hot = CardStateFact(0, "GPU-1", 100, 50, 97, 91, 120.0, 130.0, ("thermal slowdown",))
    capped = CardStateFact(1, "GPU-2", 100, 50, 97, 70, 130.0, 130.0, ("power cap",))
    silent = CardStateFact(2, "GPU-3", 100, 50)
    found = {one.subject: one for one in ask(gpu_throttle, card_states=(hot, capped, silent))}
    assert (found["card 0"].status, found["card 0"].cause) == (Status.WARN, "heat")
    assert (found["card 1"].status, found["card 1"].observed) == (
        Status.PASS,
        "power cap, 70 °C, 130 of 130 W",
    )
    assert found["card 2"].observed == "nothing is told"
