"""Memory is not used up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Status, Suite, check
from toolkit.confidence import quantile
from toolkit.snapshot import Need, Snapshot
from toolkit.units import MIB, format_bytes
from toolkit.verdicts import percent
from toolkit.watched import values

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan

_CONTROL = ("edge", "response-cache", "prometheus")


@check("watch.memory", "Memory is not used up", needs={Need.SERIES}, suites={Suite.HEALTH})
def watch_memory(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Fail where a service comes within `targets.service_memory` of its limit, or the host over `targets.host_memory`.

    Also where edge, response cache and prometheus together take more than `targets.control_memory`. The host's is the
    middle of the watch, the others' the highest that was seen.
    """
    used = values(seen, "memory")
    host = sorted(values(seen, "host_memory").get("host", ()))
    if host:
        yield _share("host", quantile(host, 0.5), plan.targets.host_memory, "toolkit diagnose: who takes it?")
    for service in plan.services:
        if service.name in used:
            share = max(used[service.name]) * MIB / service.memory_bytes
            remedy = f"give it more: {service.section}.memory in toolkit.yaml"
            yield _share(service.name, share, plan.targets.service_memory, remedy)
    control = sum(int(max(used[name])) for name in _CONTROL if name in used)
    if control:
        yield Finding(
            "control parts",
            Status.PASS if control * MIB <= plan.targets.control_memory else Status.FAIL,
            f"{control}MiB",
            f"< {format_bytes(plan.targets.control_memory)}",
        )


def _share(subject: str, share: float, target: float, remedy: str) -> Finding:
    good = share <= target
    return Finding(
        subject,
        Status.PASS if good else Status.FAIL,
        f"{percent(share)} in use",
        f"< {percent(target)}",
        remedy="" if good else remedy,
    )
