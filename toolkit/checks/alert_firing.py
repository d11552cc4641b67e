"""Does Prometheus raise alerts?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Status, Suite, check
from toolkit.snapshot import Need, known

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot


@check(
    "alert.firing",
    "Prometheus raises no alerts",
    needs={Need.ALERTS},
    suites={Suite.DIAGNOSE},
)
def alert_firing(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Fail where an alert of the severity `critical` is firing, warn of the others; pending ones are told."""
    alerts = known(seen.alerts)
    for one in alerts:
        firing, planned = one.state == "firing", plan.service(one.service) is not None
        status = Status.PASS if not firing else Status.FAIL if one.severity == "critical" else Status.WARN
        yield Finding(
            subject=one.service if planned else "prometheus",
            status=status,
            observed=f"{one.name} is {one.state} since {one.since[:19]}",
            # A summary names its service, since Prometheus shows it alone; here the subject does.
            cause=one.summary.removeprefix(f"{one.service}: ") if planned else one.summary,
            remedy="what stands above it is the likely cause; `toolkit status` shows the services"
            if firing
            else "",
        )
    if not alerts:
        yield Finding("prometheus", Status.PASS, "no alerts")
