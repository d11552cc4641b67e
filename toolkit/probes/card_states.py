"""Looks at NVIDIA cards at work: use, temperature, power, errors, and which container holds their memory."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from toolkit.errors import EngineError, Problem
from toolkit.facts import CardProcessFact, CardStateFact, ContainerFact
from toolkit.probes.cards import NO_DRIVER
from toolkit.probes.cgroups import container_of
from toolkit.probes.host import program_name
from toolkit.units import MIB

if TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T")

# nvmlClocksThrottleReasons*: what is no fault (idle, clocks set by an application) is left out.
_THROTTLE = {
    0x4: "power cap",
    0x8: "hardware slowdown",
    0x20: "thermal slowdown",
    0x40: "hardware thermal slowdown",
    0x80: "power brake",
}
_CELSIUS = 0
_UNCORRECTED, _SINCE_LOADED = 1, 0


def card_state_facts(
    containers: Iterable[ContainerFact],
    nvml: Any = None,
    place_of: Callable[[int], str] = container_of,
    name_of: Callable[[int], str] = program_name,
) -> tuple[CardStateFact, ...]:
    """Return the cards by index; none where there is no driver. Raises EngineError when the driver fails.

    `place_of` tells the container of a process, `name_of` its name. What a card does not tell is None.
    """
    library = importlib.import_module("pynvml") if nvml is None else nvml
    services = {fact.container_id: fact.service for fact in containers}
    try:
        library.nvmlInit()
        try:
            count = range(library.nvmlDeviceGetCount())
            return tuple(_State(library, index, services, place_of, name_of).fact() for index in count)
        finally:
            library.nvmlShutdown()
    except library.NVMLError as error:
        if type(error).__name__ in NO_DRIVER:
            return ()
        step = "`nvidia-smi` shows what the driver says; after an update of the driver restart the machine"
        raise EngineError(Problem("NVIDIA driver", "it does not tell its cards", str(error), step)) from error


class _State:
    def __init__(
        self,
        library: Any,
        index: int,
        services: Mapping[str, str],
        place_of: Callable[[int], str],
        name_of: Callable[[int], str],
    ) -> None:
        self._library, self._index, self._services = library, index, services
        self._place_of, self._name_of = place_of, name_of
        self._handle = library.nvmlDeviceGetHandleByIndex(index)

    def fact(self) -> CardStateFact:
        ask, library, handle = self._ask, self._library, self._handle
        memory = library.nvmlDeviceGetMemoryInfo(handle)
        power, limit = ask("nvmlDeviceGetPowerUsage"), ask("nvmlDeviceGetEnforcedPowerLimit")
        use = ask("nvmlDeviceGetUtilizationRates")
        reasons = ask("nvmlDeviceGetCurrentClocksThrottleReasons") or 0
        # Corrected rows, uncorrected ones, whether some wait for a reset, whether one found no spare.
        rows = ask("nvmlDeviceGetRemappedRows") or (None,) * 4
        return CardStateFact(
            index=self._index,
            uuid=library.nvmlDeviceGetUUID(handle),
            memory_mib=int(memory.total // MIB),
            used_mib=int(memory.used // MIB),
            use_percent=None if use is None else int(use.gpu),
            temperature_c=ask("nvmlDeviceGetTemperature", _CELSIUS),
            power_w=None if power is None else round(power / 1000, 1),
            power_limit_w=None if limit is None else round(limit / 1000, 1),
            throttle=tuple(word for bit, word in _THROTTLE.items() if reasons & bit),
            ecc_uncorrected=ask("nvmlDeviceGetTotalEccErrors", _UNCORRECTED, _SINCE_LOADED),
            processes=tuple(self._process(one) for one in ask("nvmlDeviceGetComputeRunningProcesses") or ()),
            remap_pending=None if rows[2] is None else bool(rows[2]),
            remap_failed=None if rows[3] is None else bool(rows[3]),
        )

    def _process(self, process: Any) -> CardProcessFact:
        container = self._place_of(process.pid)
        return CardProcessFact(
            pid=process.pid,
            name=self._name_of(process.pid),
            used_mib=int((process.usedGpuMemory or 0) // MIB),
            service=self._services.get(container, ""),
            container=container,
        )

    def _ask(self, name: str, *words: object) -> Any:
        """Return an answer that not every card has, None without it."""
        with suppress(self._library.NVMLError, AttributeError):
            return getattr(self._library, name)(self._handle, *words)
        return None
