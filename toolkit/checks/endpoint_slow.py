"""Do endpoints answer in time?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Confidence, Finding, Status, Suite, check
from toolkit.snapshot import Need, known

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot

_SLOW_S = 2.0


@check(
    "endpoint.slow",
    "Endpoints answer in time",
    needs={Need.ENDPOINTS},
    suites={Suite.DIAGNOSE},
    explains=("alert.*",),
)
def endpoint_slow(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Warn of an answer that took over two seconds, though it costs no model anything to give it."""
    for one in known(seen.endpoints):
        if plan.service(one.service) is None or not one.answers:
            continue
        slow = one.elapsed_s > _SLOW_S
        yield Finding(
            subject=one.service,
            status=Status.WARN if slow else Status.PASS,
            observed=f"{one.path} took {one.elapsed_s:.2f} s",
            expected=f"under {_SLOW_S:.0f} s" if slow else "",
            cause="its process has no time for it: its event loop, or the whole machine, is busy"
            if slow
            else "",
            remedy=f"docker stats --no-stream; toolkit logs {one.service} --tail 50" if slow else "",
            confidence=Confidence.POSSIBLE if slow else Confidence.CERTAIN,
        )
