"""Cards through the driver's library, with a driver of our own at the door."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from toolkit.errors import EngineError
from toolkit.facts import CardFact
from toolkit.probes.cards import Nvml, card_facts
from toolkit.units import MIB


class NVMLError(Exception):
    """What the library raises."""


class NVMLError_LibraryNotFound(NVMLError):  # noqa: N801, N818 - the library's own name
    """No driver."""


class Driver:
    """Two cards; `failing` is raised by the first call, `cut` gives the MIG instances of a card."""

    NVMLError = NVMLError
    NVML_DEVICE_MIG_ENABLE = 1
    nvmlMemory_v2 = 2  # noqa: N815

    def __init__(
        self,
        failing: Exception | None = None,
        cut: dict[int, tuple[int, ...]] | None = None,
        *,
        before_510: bool = False,
    ) -> None:
        self.failing = failing
        self.cut = cut or {}
        self.before_510 = before_510
        self.calls: list[str] = []

    def nvmlInit(self) -> None:  # noqa: N802
        self.calls.append("init")
        if self.failing is not None:
            raise self.failing

    def nvmlShutdown(self) -> None:  # noqa: N802
        self.calls.append("shutdown")

    def nvmlSystemGetDriverVersion(self) -> str:  # noqa: N802
        return "580.1"

    def nvmlDeviceGetCount(self) -> int:  # noqa: N802
        return 2

    def nvmlDeviceGetHandleByIndex(self, index: int) -> Any:  # noqa: N802
        return index

    def nvmlDeviceGetUUID(self, handle: Any) -> str:  # noqa: N802
        return f"MIG-{handle}" if handle >= 10 else f"GPU-{handle}"

    def nvmlDeviceGetName(self, handle: Any) -> str:  # noqa: N802, ARG002
        return "NVIDIA RTX 4000 Ada Generation"

    def nvmlDeviceGetMemoryInfo(self, handle: Any, version: int | None = None) -> Any:  # noqa: N802
        if version is not None and self.before_510:
            raise NVMLError("Function Not Found")
        told = {} if self.before_510 else {"reserved": 415 * MIB}
        return SimpleNamespace(total=20475 * MIB, used=(handle % 10 + 1) * MIB, **told)

    def nvmlDeviceGetMigMode(self, handle: Any) -> tuple[int, int]:  # noqa: N802
        if handle not in self.cut:
            raise NVMLError("Not Supported")
        return 1, 1

    def nvmlDeviceGetMaxMigDeviceCount(self, handle: Any) -> int:  # noqa: N802, ARG002
        return 7

    def nvmlDeviceGetMigDeviceHandleByIndex(self, handle: Any, index: int) -> Any:  # noqa: N802
        if index not in self.cut[handle]:
            raise NVMLError("Not Found")
        return 10 * (handle + 1) + index

    def nvmlDeviceGetCudaComputeCapability(self, handle: Any) -> tuple[int, int]:  # noqa: N802, ARG002
        return 8, 9


def test_every_card_with_its_memory() -> None:
    driver = Driver()
    name = "NVIDIA RTX 4000 Ada Generation"
    assert card_facts(cast("Nvml", driver)) == (
        CardFact(0, "GPU-0", name, 20475, 1, "8.9", "580.1", 415),
        CardFact(1, "GPU-1", name, 20475, 2, "8.9", "580.1", 415),
    )
    assert card_facts(cast("Nvml", driver))[0].usable_mib == 20060
    assert driver.calls == ["init", "shutdown"] * 2


def test_a_driver_that_does_not_tell_what_it_keeps() -> None:
    (first, _) = card_facts(cast("Nvml", Driver(before_510=True)))
    assert (first.memory_mib, first.usable_mib) == (20475, 20475)


def test_a_card_that_is_cut_is_there_in_its_instances_only() -> None:
    found = card_facts(cast("Nvml", Driver(cut={0: (0, 3)})))
    assert [(one.index, one.uuid) for one in found] == [(100, "MIG-10"), (103, "MIG-13"), (1, "GPU-1")]
    assert {one.compute_capability for one in found} == {"8.9"}


def test_a_card_that_could_be_cut_and_is_not_is_whole() -> None:
    found = card_facts(cast("Nvml", Driver(cut={0: ()})))
    assert [one.uuid for one in found] == ["GPU-0", "GPU-1"]


def test_no_driver_is_no_card() -> None:
    assert card_facts(cast("Nvml", Driver(NVMLError_LibraryNotFound("not found")))) == ()


def test_a_driver_in_trouble_is_quoted() -> None:
    with pytest.raises(EngineError) as caught:
        card_facts(cast("Nvml", Driver(NVMLError("Driver/library version mismatch"))))
    (problem,) = caught.value.problems
    assert (problem.where, problem.got) == ("NVIDIA driver", "Driver/library version mismatch")
    assert problem.next_step.startswith("`nvidia-smi` shows")


def test_the_real_library_has_these_calls() -> None:
    pynvml = pytest.importorskip("pynvml")
    assert [name for name in vars(Nvml) if name.startswith("nvml") and not hasattr(pynvml, name)] == []
    assert issubclass(pynvml.NVMLError, Exception)
    # On a machine without a driver this is the very answer that counts as no card.
    assert (
        pynvml.NVMLError(pynvml.NVML_ERROR_LIBRARY_NOT_FOUND).__class__.__name__
        == "NVMLError_LibraryNotFound"
    )
