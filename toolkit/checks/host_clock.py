"""Is the clock right?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Status, Suite, check
from toolkit.planning.outside import hub_models
from toolkit.snapshot import Need, known

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot

# Certificates forgive hours, log lines of two hosts laid side by side do not forgive a minute.
_MOST_S = 30


@check("host.clock", "The clock is right", needs={Need.CLOCK}, suites={Suite.PREFLIGHT, Suite.DIAGNOSE})
def host_clock(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Warn of a clock that differs from a server's, or that nothing keeps where others depend on it.

    Others do where a model comes from the Hub (certificates) and where there are several hosts (their logs).
    """
    clock = known(seen.clock)
    matters = bool(plan.part or hub_models(plan))
    right = clock.synchronised or not matters if clock.offset_s is None else abs(clock.offset_s) <= _MOST_S
    kept = "synchronised" if clock.synchronised else "not known to be synchronised"
    off = "" if clock.offset_s is None else f", {clock.offset_s:+.0f} s off a server's"
    yield Finding(
        subject="clock",
        status=Status.PASS if right else Status.WARN,
        observed=kept + off,
        expected=f"right within {_MOST_S} s",
        remedy="" if right else "`timedatectl set-ntp true`, or install chrony",
    )
