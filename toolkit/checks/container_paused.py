"""Is a container held up?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Status, Suite, check
from toolkit.clock import seconds_between
from toolkit.snapshot import Need, known

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot

# Longer than any start of ours is given.
_SLOW_START_S = 1800


@check(
    "container.paused",
    "No container is paused, or starts for ever",
    needs={Need.CONTAINERS},
    suites={Suite.DIAGNOSE},
    explains=("container.down", "endpoint.*", "edge.*", "alert.*", "=release.*"),
)
def container_paused(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Fail where somebody has paused a container; warn of one that starts for half an hour and is not healthy yet."""
    for fact in known(seen.containers):
        service = plan.service(fact.service)
        if service is None:
            continue
        if fact.state == "paused":
            yield Finding(
                subject=fact.service,
                status=Status.FAIL,
                observed="it is paused: it accepts connections and answers nothing",
                cause="`docker pause`, by a person or a program",
                remedy=f"docker unpause {fact.name}",
            )
        since_s = seconds_between(fact.started_at, seen.taken_at)
        if fact.state == "running" and fact.health == "starting" and (since_s or 0) > _SLOW_START_S:
            yield Finding(
                subject=fact.service,
                status=Status.WARN,
                observed=f"it has been starting for {(since_s or 0) / 60:.0f} minutes",
                remedy=f"toolkit logs {fact.service} --tail 50",
                evidence=fact.health_output,
            )
