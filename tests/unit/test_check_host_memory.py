"""host.memory: what is planned against what is there."""

from __future__ import annotations

import pytest

from tests.support.plans import plan
from toolkit.checking import Finding, Status
from toolkit.checks.host_memory import host_memory
from toolkit.facts import HostFact
from toolkit.snapshot import Snapshot


def found(memory_mib: int) -> Finding:
    (finding,) = host_memory.judge(plan(), Snapshot("now", host=HostFact(memory_mib, 100, 2, "6.1")))
    return finding


@pytest.mark.parametrize(
    ("memory_mib", "status"), [(24576, Status.PASS), (24085, Status.PASS), (24084, Status.FAIL)]
)
def test_the_firmware_s_share_is_no_lack(memory_mib: int, status: Status) -> None:
    assert found(memory_mib).status is status


def test_less_than_planned_says_what_to_write() -> None:
    finding = found(16000)
    assert (finding.observed, finding.expected) == ("16000 MiB", "24576 MiB, as hosts.local.memory says")
    assert finding.remedy == "write what it has: hosts.local.memory: 16000MiB"
