"""Processors have room."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Status, Suite, check
from toolkit.snapshot import Need, Snapshot
from toolkit.verdicts import percent
from toolkit.watched import values

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan

_OWN_LIMIT = 0.95


@check("watch.cpu", "Processors have room", needs={Need.SERIES}, suites={Suite.HEALTH})
def watch_cpu(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Warn where the host's processors are busier than `targets.cpu` in the mean, or a service is at its own limit."""
    for used in values(seen, "host_cpu").values():
        yield _finding("host", sum(used) / len(used), plan.targets.cpu, "toolkit diagnose: who takes them?")
    for name, percents in values(seen, "cpu").items():
        share = sum(percents) / len(percents) / 100
        if share > _OWN_LIMIT:
            service = plan.service(name)
            remedy = f"give it more: {service.section}.cpus in toolkit.yaml" if service else ""
            yield _finding(name, share, _OWN_LIMIT, remedy)


def _finding(subject: str, share: float, target: float, remedy: str) -> Finding:
    good = share <= target
    return Finding(
        subject,
        Status.PASS if good else Status.WARN,
        f"{percent(share)} in the mean",
        f"< {percent(target)}",
        remedy="" if good else remedy,
    )
