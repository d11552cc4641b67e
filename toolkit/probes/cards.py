"""Looks at NVIDIA cards through the driver's own library, which is loaded when somebody asks."""

from __future__ import annotations

import importlib
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Protocol

from toolkit.errors import EngineError, Problem
from toolkit.facts import CardFact
from toolkit.units import MIB
from toolkit.values import replace

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# No driver at all: then there are no cards, and nothing else is to be said of them.
NO_DRIVER = frozenset({"NVMLError_LibraryNotFound", "NVMLError_DriverNotLoaded", "NVMLError_NoPermission"})

# An instance of a cut card has a number of its own: those of card 0 are 100, 101 …, of card 1 200, 201 …
MIG_INDEX = 100


class Nvml(Protocol):
    """What is asked of pynvml (nvidia-ml-py); every call raises its NVMLError."""

    NVMLError: type[Exception]
    NVML_DEVICE_MIG_ENABLE: int
    nvmlMemory_v2: int  # noqa: N815

    def nvmlInit(self) -> None: ...  # noqa: N802, D102 - the library's own names
    def nvmlShutdown(self) -> None: ...  # noqa: N802, D102
    def nvmlDeviceGetCount(self) -> int: ...  # noqa: N802, D102
    def nvmlDeviceGetHandleByIndex(self, index: int) -> Any: ...  # noqa: N802, D102
    def nvmlDeviceGetUUID(self, handle: Any) -> str: ...  # noqa: N802, D102
    def nvmlDeviceGetName(self, handle: Any) -> str: ...  # noqa: N802, D102
    def nvmlDeviceGetMemoryInfo(self, handle: Any, version: int | None = None) -> Any: ...  # noqa: N802, D102
    def nvmlDeviceGetMigMode(self, handle: Any) -> Sequence[int]: ...  # noqa: N802, D102
    def nvmlDeviceGetMaxMigDeviceCount(self, handle: Any) -> int: ...  # noqa: N802, D102
    def nvmlDeviceGetMigDeviceHandleByIndex(self, handle: Any, index: int) -> Any: ...  # noqa: N802, D102
    def nvmlDeviceGetCudaComputeCapability(self, handle: Any) -> tuple[int, int]: ...  # noqa: N802, D102
    def nvmlSystemGetDriverVersion(self) -> str: ...  # noqa: N802, D102


def card_facts(nvml: Nvml | None = None) -> tuple[CardFact, ...]:
    """Return the cards by index; none where there is no driver. Raises EngineError when the driver fails."""
    library = importlib.import_module("pynvml") if nvml is None else nvml
    try:
        with _open(library):
            driver = library.nvmlSystemGetDriverVersion()
            count = library.nvmlDeviceGetCount()
            return tuple(one for index in range(count) for one in _devices(library, index, driver))
    except library.NVMLError as error:
        if type(error).__name__ in NO_DRIVER:
            return ()
        step = "`nvidia-smi` shows what the driver says; after an update of the driver restart the machine"
        raise EngineError(Problem("NVIDIA driver", "it does not tell its cards", str(error), step)) from error


@contextmanager
def _open(library: Nvml) -> Iterator[None]:
    library.nvmlInit()
    try:
        yield
    finally:
        library.nvmlShutdown()


def _devices(library: Nvml, index: int, driver: str) -> Iterator[CardFact]:
    """Yield the card, or in its place the instances that it is cut into: then it cannot be had as a whole."""
    handle = library.nvmlDeviceGetHandleByIndex(index)
    name, capability = library.nvmlDeviceGetName(handle), library.nvmlDeviceGetCudaComputeCapability(handle)
    cut = {MIG_INDEX * (index + 1) + number: device for number, device in _instances(library, handle)}
    for place, device in (cut or {index: handle}).items():
        yield replace(_card(library, device, name, capability, driver), index=place)


def _instances(library: Nvml, handle: Any) -> Iterator[tuple[int, Any]]:
    """Yield each MIG instance with its number; none where the card is whole, or knows nothing of this."""
    try:
        if library.nvmlDeviceGetMigMode(handle)[0] != library.NVML_DEVICE_MIG_ENABLE:
            return
        places = library.nvmlDeviceGetMaxMigDeviceCount(handle)
    except library.NVMLError:
        return
    for number in range(places):
        with suppress(library.NVMLError):
            yield number, library.nvmlDeviceGetMigDeviceHandleByIndex(handle, number)


def _card(library: Nvml, handle: Any, name: str, capability: tuple[int, int], driver: str) -> CardFact:
    memory = _memory(library, handle)
    return CardFact(
        index=0,
        uuid=library.nvmlDeviceGetUUID(handle),
        name=name,
        memory_mib=int(memory.total // MIB),
        used_mib=int(memory.used // MIB),
        compute_capability=f"{capability[0]}.{capability[1]}",
        driver=driver,
        reserved_mib=int(getattr(memory, "reserved", 0) // MIB),
    )


def _memory(library: Nvml, handle: Any) -> Any:
    """Return total, used and, where the driver (510 and later) tells it apart, what it keeps for itself."""
    try:
        return library.nvmlDeviceGetMemoryInfo(handle, version=library.nvmlMemory_v2)
    except library.NVMLError:
        return library.nvmlDeviceGetMemoryInfo(handle)
