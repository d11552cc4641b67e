"""Is every planned container there?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Status, Suite, check
from toolkit.snapshot import Need, known

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot


@check(
    "container.absent",
    "Every planned service has a container",
    needs={Need.CONTAINERS},
    suites={Suite.DIAGNOSE},
    explains=("endpoint.*", "edge.*", "alert.*", "=release.*"),
)
def container_absent(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Fail where a service that `up` starts has no container; where none has, the stack is simply not up."""
    there = {fact.service for fact in known(seen.containers)}
    missing = [service.name for service in plan.started if service.name not in there]
    if missing and not there:
        yield Finding(
            subject=plan.project,
            status=Status.FAIL,
            observed="none of its containers is there",
            expected=f"{len(missing)} services",
            cause="it was never brought up, or was taken down",
            remedy="toolkit up",
            concerns=tuple(missing),
        )
        return
    for name in missing:
        yield Finding(
            subject=name,
            status=Status.FAIL,
            observed="it has no container",
            cause="it was removed, or never created",
            remedy="toolkit up",
        )
    if not missing:
        yield Finding(plan.project, Status.PASS, f"{len(plan.started)} services have their containers")
