"""A machine that has no time or memory left."""

from __future__ import annotations

from tests.support.findings import ask
from toolkit.checking import Status
from toolkit.checks.host_pressure import host_pressure
from toolkit.facts import HostFact, PressureFact


def judged(available_mib: int | None = 20000, **pressure: object) -> dict[str, Status]:
    calm: dict[str, object] = {"cpu_percent": 10.0, "load_1m": 0.5, "swap_total_mib": 0, "swap_used_mib": 0}
    found = ask(
        host_pressure,
        host=HostFact(24000, available_mib, 2, "6.1"),
        pressure=PressureFact(**{**calm, **pressure}),  # type: ignore[arg-type]
    )
    return {one.subject: one.status for one in found}


def test_a_calm_machine() -> None:
    assert judged() == {"memory": Status.PASS, "processors": Status.PASS}
    assert judged(None) == {"processors": Status.PASS}


def test_memory() -> None:
    assert judged(3000)["memory"] is Status.WARN
    assert judged(1000)["memory"] is Status.FAIL


def test_busy_processors_are_a_fault_where_work_waits_for_them() -> None:
    assert judged(cpu_percent=99.0)["processors"] is Status.PASS
    assert judged(cpu_percent=99.0, load_1m=9.0)["processors"] is Status.WARN


def test_swap_and_what_the_kernel_calls_pressure() -> None:
    assert judged(swap_total_mib=100, swap_used_mib=60)["swap"] is Status.WARN
    assert judged(stalled={"io.full": 30.0, "memory.full": 1.0})["disks"] is Status.WARN
