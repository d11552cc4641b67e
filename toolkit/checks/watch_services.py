"""Every service keeps running."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Status, Suite, check
from toolkit.snapshot import Need, Snapshot
from toolkit.watched import points, risen, unseen, values

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan


@check("watch.services", "Every service keeps running", needs={Need.SERIES}, suites={Suite.HEALTH})
def watch_services(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Fail where a service did not run, was unhealthy, or was started anew while it was watched."""
    up, began, restarts = values(seen, "up"), values(seen, "started"), points(seen, "restarts")
    if not up:
        yield from unseen(["containers"], "their states", "is the engine reached? docker version")
        return
    for service in plan.started:
        names = [name for name in up if name == service.name or name.startswith(f"{service.name}-")]
        names = [n for n in names if n == service.name or n.removeprefix(f"{service.name}-").isdigit()]
        if not names:
            yield _bad(service.name, "it has no container", f"toolkit up; toolkit logs {service.name}")
        for name in names:
            down = sum(1 for value in up[name] if not value)
            starts = len(set(began.get(name, ()))) - 1
            if down:
                yield _bad(
                    name, f"not serving in {down} of {len(up[name])} looks", f"toolkit logs {service.name}"
                )
            elif starts > 0 or risen(restarts.get(name, ())) > 0:
                yield _bad(name, "was started anew", f"toolkit diagnose; toolkit logs {service.name}")
            else:
                yield Finding(name, Status.PASS, f"serving in all {len(up[name])} looks", "serving")


def _bad(subject: str, observed: str, remedy: str) -> Finding:
    return Finding(subject, Status.FAIL, observed, "serving in all looks", remedy=remedy)
