"""Does the machine have the processors that are planned?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Status, Suite, check
from toolkit.snapshot import Need, known

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot


@check(
    "host.cpus",
    "The host has the processors that are planned",
    needs={Need.ENGINE},
    suites={Suite.PREFLIGHT, Suite.DIAGNOSE},
)
def host_cpus(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Fail where one service is given more than the machine has, which no engine takes; warn where the host is."""
    there = known(seen.engine).cpus
    for host in plan.hosts:
        status = Status.PASS if there >= host.cpus else Status.WARN
        yield Finding(
            subject=host.name,
            status=status,
            observed=f"{there} processors",
            expected=f"{host.cpus:g}, as hosts.{host.name}.cpus says",
            remedy="" if there >= host.cpus else f"write what it has: hosts.{host.name}.cpus: {there}.0",
        )
    for service in plan.services:
        if service.cpus > there:
            yield Finding(
                subject=service.name,
                status=Status.FAIL,
                observed=f"{there} processors",
                expected=f"{service.cpus:g}, as its section says",
                cause="the engine refuses a limit above what the machine has",
                remedy=f"{service.section}.cpus: {there}.0",
            )
