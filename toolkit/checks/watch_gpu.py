"""Cards hold what was planned."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Status, Suite, check
from toolkit.snapshot import Need, Snapshot
from toolkit.units import MIB
from toolkit.watched import values

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan


@check("watch.gpu", "Cards hold what was planned", needs={Need.SERIES}, suites={Suite.HEALTH})
def watch_gpu(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Fail where a service takes more of a card than its planned share and `targets.gpu_slack` beside it."""
    used = values(seen, "gpu_memory")
    cards = {card.index: card for host in plan.hosts for card in host.cards}
    for service in plan.services:
        for pin in service.gpus:
            taken = used.get(f"{service.name} on card {pin.index}")
            if taken is None or pin.index not in cards:
                continue
            planned = int(cards[pin.index].memory_bytes * pin.share + plan.targets.gpu_slack) // MIB
            good = max(taken) <= planned
            yield Finding(
                f"{service.name} on card {pin.index}",
                Status.PASS if good else Status.FAIL,
                f"{max(taken):.0f} MiB",
                f"< {planned} MiB",
                remedy="" if good else "lower gpu.memory_utilization, or its gpu_share",
            )
