"""host.memory: what is planned against what is there, and what is free."""

from __future__ import annotations

import pytest

from tests.support.findings import RUNNING, ask
from tests.support.plans import plan
from toolkit.checking import Finding, Status
from toolkit.checks.host_memory import host_memory
from toolkit.facts import HostFact
from toolkit.units import MIB

LIMITS_MIB = plan().hosts[0].planned_bytes // MIB


def found(memory_mib: int, available_mib: int | None = None, *, running: bool = False) -> tuple[Finding, ...]:
    host = HostFact(memory_mib, available_mib, 2, "6.1")
    return ask(host_memory, host=host, containers=RUNNING if running else ())


@pytest.mark.parametrize(
    ("memory_mib", "status"), [(24576, Status.PASS), (24085, Status.PASS), (24084, Status.FAIL)]
)
def test_the_firmware_s_share_is_no_lack(memory_mib: int, status: Status) -> None:
    assert [one.status for one in found(memory_mib)] == [status]


def test_less_than_planned_says_what_to_write() -> None:
    (one,) = found(16000)
    assert (one.observed, one.expected) == ("16000 MiB", "24576 MiB, as hosts.local.memory says")
    assert one.remedy == "write what it has: hosts.local.memory: 16000MiB"


@pytest.mark.parametrize(
    ("available_mib", "running", "statuses"),
    [
        (LIMITS_MIB, False, [Status.PASS, Status.PASS]),
        (LIMITS_MIB - 1, False, [Status.WARN, Status.PASS]),
        (LIMITS_MIB - 1, True, [Status.PASS]),
    ],
)
def test_what_others_hold_is_a_warning_before_the_stack_runs(
    available_mib: int, running: bool, statuses: list[Status]
) -> None:
    assert [one.status for one in found(24576, available_mib, running=running)] == statuses
