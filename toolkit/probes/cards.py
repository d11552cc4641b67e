"""Looks at NVIDIA cards through the driver's own library, which is loaded when somebody asks."""

from __future__ import annotations

import importlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from toolkit.errors import EngineError, Problem
from toolkit.facts import CardFact
from toolkit.units import MIB

if TYPE_CHECKING:
    from collections.abc import Iterator

# No driver at all: then there are no cards, and nothing else is to be said of them.
NO_DRIVER = frozenset({"NVMLError_LibraryNotFound", "NVMLError_DriverNotLoaded", "NVMLError_NoPermission"})


class Nvml(Protocol):
    """What is asked of pynvml (nvidia-ml-py); every call raises its NVMLError."""

    NVMLError: type[Exception]

    def nvmlInit(self) -> None: ...  # noqa: N802, D102 - the library's own names
    def nvmlShutdown(self) -> None: ...  # noqa: N802, D102
    def nvmlDeviceGetCount(self) -> int: ...  # noqa: N802, D102
    def nvmlDeviceGetHandleByIndex(self, index: int) -> Any: ...  # noqa: N802, D102
    def nvmlDeviceGetUUID(self, handle: Any) -> str: ...  # noqa: N802, D102
    def nvmlDeviceGetName(self, handle: Any) -> str: ...  # noqa: N802, D102
    def nvmlDeviceGetMemoryInfo(self, handle: Any) -> Any: ...  # noqa: N802, D102
    def nvmlDeviceGetCudaComputeCapability(self, handle: Any) -> tuple[int, int]: ...  # noqa: N802, D102
    def nvmlSystemGetDriverVersion(self) -> str: ...  # noqa: N802, D102


def card_facts(nvml: Nvml | None = None) -> tuple[CardFact, ...]:
    """Return the cards by index; none where there is no driver. Raises EngineError when the driver fails."""
    library = importlib.import_module("pynvml") if nvml is None else nvml
    try:
        with _open(library):
            driver = library.nvmlSystemGetDriverVersion()
            return tuple(_card(library, index, driver) for index in range(library.nvmlDeviceGetCount()))
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


def _card(library: Nvml, index: int, driver: str) -> CardFact:
    handle = library.nvmlDeviceGetHandleByIndex(index)
    memory = library.nvmlDeviceGetMemoryInfo(handle)
    major, minor = library.nvmlDeviceGetCudaComputeCapability(handle)
    return CardFact(
        index=index,
        uuid=library.nvmlDeviceGetUUID(handle),
        name=library.nvmlDeviceGetName(handle),
        memory_mib=int(memory.total // MIB),
        used_mib=int(memory.used // MIB),
        compute_capability=f"{major}.{minor}",
        driver=driver,
    )
