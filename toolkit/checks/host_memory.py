"""Does the host have the memory that is planned?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Status, Suite, check
from toolkit.snapshot import Need, known
from toolkit.units import MIB

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot


@check(
    "host.memory",
    "The host has the memory that is planned",
    needs={Need.HOST},
    suites={Suite.PREFLIGHT, Suite.DIAGNOSE},
)
def host_memory(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Fail where the plan counts on more than the machine has; a little less is the firmware's."""
    memory_mib = known(seen.host).memory_mib
    for host in plan.hosts:
        planned_mib = host.memory_bytes // MIB
        enough = memory_mib >= planned_mib * 0.98
        yield Finding(
            subject=host.name,
            status=Status.PASS if enough else Status.FAIL,
            observed=f"{memory_mib} MiB",
            expected=f"{planned_mib} MiB, as hosts.{host.name}.memory says",
            remedy="" if enough else f"write what it has: hosts.{host.name}.memory: {memory_mib}MiB",
        )
