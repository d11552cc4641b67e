"""The watch saw what it measures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Status, Suite, check
from toolkit.snapshot import Need, Snapshot
from toolkit.verdicts import percent
from toolkit.watched import values

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan

_CLIENT_LIMIT = 0.8


@check("watch.itself", "The watch measures the stack, not itself", needs={Need.SERIES}, suites={Suite.HEALTH})
def watch_itself(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Could not measure where the watch itself took more than 80 % of a core, or a part of it broke off.

    Then it is its own load that was slow, and what it says of the stack counts for nothing.
    """
    del plan
    for shares in values(seen, "client_cpu").values():
        good = max(shares) <= _CLIENT_LIMIT
        yield Finding(
            "client",
            Status.PASS if good else Status.ERROR,
            f"{percent(max(shares))} of a core"
            if good
            else f"could not measure: {percent(max(shares))} of a core",
            f"< {percent(_CLIENT_LIMIT)}",
            remedy="" if good else "run it from a machine that has less to do",
        )
    for name in values(seen, "lost"):
        yield Finding(name, Status.ERROR, "this part of the watch broke off", remedy="toolkit status")
