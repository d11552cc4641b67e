"""Does the host have the memory that is planned?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Status, Suite, check
from toolkit.snapshot import Need, known
from toolkit.units import MIB

if TYPE_CHECKING:
    from toolkit.planning.plan import HostPlan, Plan
    from toolkit.snapshot import Snapshot

# What firmware and kernel keep for themselves.
_KEPT_SHARE = 0.02


@check(
    "host.memory",
    "The host has the memory that is planned",
    needs={Need.HOST, Need.CONTAINERS},
    suites={Suite.PREFLIGHT, Suite.DIAGNOSE},
)
def host_memory(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Fail where the plan counts on more than the machine has; a little less is the firmware's.

    Before the stack runs, warn where less is free now than all its limits come to.
    """
    found = known(seen.host)
    runs = any(fact.state == "running" for fact in known(seen.containers))
    for host in plan.hosts:
        yield _there(host, found.memory_mib)
        if found.available_mib is not None and not runs:
            yield _free(host, found.available_mib)


def _there(host: HostPlan, memory_mib: int) -> Finding:
    planned_mib = host.memory_bytes // MIB
    enough = memory_mib >= planned_mib * (1 - _KEPT_SHARE)
    return Finding(
        subject=host.name,
        status=Status.PASS if enough else Status.FAIL,
        observed=f"{memory_mib} MiB",
        expected=f"{planned_mib} MiB, as hosts.{host.name}.memory says",
        remedy="" if enough else f"write what it has: hosts.{host.name}.memory: {memory_mib}MiB",
    )


def _free(host: HostPlan, available_mib: int) -> Finding:
    planned_mib = host.planned_bytes // MIB
    enough = available_mib >= planned_mib
    return Finding(
        subject=host.name,
        status=Status.PASS if enough else Status.WARN,
        observed=f"{available_mib} MiB are free now",
        expected=f"{planned_mib} MiB, the limits of all services together",
        cause="" if enough else "other programs hold the rest",
        remedy="" if enough else "`ps aux --sort=-rss | head` names the largest; stop what is not needed",
    )
