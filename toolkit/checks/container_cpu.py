"""Do containers have enough processor time?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Confidence, Finding, Status, Suite, check
from toolkit.snapshot import Need, known

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot

_BUSY, _WAITING = 80, 50


@check(
    "container.cpu",
    "Containers are not held back by their limit of processors",
    needs={Need.USAGE},
    suites={Suite.DIAGNOSE},
)
def container_cpu(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Warn where a container uses over 80 % of its processors and waits for its limit in every second period.

    That it is busy alone is no fault: a model server that answers uses all that it gets.
    """
    for used in known(seen.usage):
        service = plan.service(used.service)
        if service is None or used.cpu_percent is None or used.cpu_percent <= _BUSY:
            continue
        held_back = (used.throttled_percent or 0) >= _WAITING
        yield Finding(
            subject=used.service,
            status=Status.WARN if held_back else Status.PASS,
            observed=f"{used.cpu_percent:.0f} % of its processors, held back in {used.throttled_percent or 0:.0f} % "
            "of the periods",
            expected=f"under {_BUSY} %, or not held back" if held_back else "",
            remedy=f"give it more: {service.section}.cpus in toolkit.yaml, then `toolkit up`"
            if held_back
            else "",
            confidence=Confidence.LIKELY,
        )
