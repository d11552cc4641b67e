"""Cards at work, with a driver of our own at the door."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from toolkit.errors import EngineError
from toolkit.facts import CardProcessFact, ContainerFact
from toolkit.probes.card_states import card_state_facts
from toolkit.units import MIB

LLM = ContainerFact("llm-general", "ab" * 32, "p-llm-general-1", "running", "healthy")


class NVMLError(Exception):
    """What the library raises."""


class NVMLError_DriverNotLoaded(NVMLError):  # noqa: N801, N818 - the library's own name
    """No driver."""


def driver(failing: Exception | None = None, **answers: Any) -> Any:
    """A driver with one card; each answer by the name of its call, an exception is raised."""

    def call(answer: Any) -> Any:
        def told(*_: Any) -> Any:
            if isinstance(answer, Exception):
                raise answer
            return answer

        return told

    known: dict[str, Any] = {
        "nvmlInit": failing,
        "nvmlShutdown": None,
        "nvmlDeviceGetCount": 1,
        "nvmlDeviceGetHandleByIndex": "handle",
        "nvmlDeviceGetUUID": "GPU-1",
        "nvmlDeviceGetMemoryInfo": SimpleNamespace(total=20475 * MIB, used=18000 * MIB),
        "nvmlDeviceGetUtilizationRates": SimpleNamespace(gpu=97),
        "nvmlDeviceGetTemperature": 84,
        "nvmlDeviceGetPowerUsage": 129_500,
        "nvmlDeviceGetEnforcedPowerLimit": 130_000,
        "nvmlDeviceGetCurrentClocksThrottleReasons": 0x1 | 0x4 | 0x20,
        "nvmlDeviceGetTotalEccErrors": NVMLError("Not Supported"),
        "nvmlDeviceGetComputeRunningProcesses": [
            SimpleNamespace(pid=12, usedGpuMemory=17000 * MIB),
            SimpleNamespace(pid=13, usedGpuMemory=None),
        ],
    }
    made = {name: call(answer) for name, answer in {**known, **answers}.items()}
    return SimpleNamespace(NVMLError=NVMLError, **made)


def test_what_a_card_tells_and_who_is_on_it() -> None:
    places = {12: LLM.container_id, 13: ""}
    (card,) = card_state_facts([LLM], driver(), places.__getitem__, lambda pid: f"program-{pid}")
    assert (card.memory_mib, card.used_mib, card.use_percent, card.temperature_c) == (20475, 18000, 97, 84)
    assert (card.power_w, card.power_limit_w) == (129.5, 130.0)
    assert card.throttle == ("power cap", "thermal slowdown")
    assert card.ecc_uncorrected is None
    assert card.processes == (
        CardProcessFact(12, "program-12", 17000, "llm-general", LLM.container_id),
        CardProcessFact(13, "program-13", 0, "", ""),
    )


def test_rows_that_wait_for_a_reset_are_told_where_the_card_has_such() -> None:
    (card,) = card_state_facts([], driver(), lambda _: "", str)
    assert (card.remap_pending, card.remap_failed) == (None, None)
    (card,) = card_state_facts([], driver(nvmlDeviceGetRemappedRows=[0, 4, 1, 0]), lambda _: "", str)
    assert (card.remap_pending, card.remap_failed) == (True, False)


def test_without_a_driver_there_are_no_cards_and_one_that_fails_is_told() -> None:
    assert card_state_facts([], driver(NVMLError_DriverNotLoaded())) == ()
    with pytest.raises(EngineError, match="it does not tell its cards"):
        card_state_facts([], driver(NVMLError("Unknown Error")))
