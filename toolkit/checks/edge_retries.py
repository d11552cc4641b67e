"""How often has the edge to ask twice?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.advice import explained, seldom, told
from toolkit.checking import Finding, Suite, check
from toolkit.snapshot import Need, known

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot


_FIELDS = ("wretr", "wredis", "econ")


@check(
    "edge.retries",
    "The edge need not ask twice",
    needs={Need.EDGE_STATS},
    suites={Suite.DIAGNOSE},
)
def edge_retries(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Warn where more than 1 of 100 requests to a service was asked again or elsewhere, and more than 10.

    Nobody sees a retry but by its time; many of them are a server that comes and goes.
    """
    del plan
    for one in known(seen.edge_stats):
        for name, total in one.numbers.items():
            proxy, _, field = name.rpartition("/BACKEND/")
            if field != "stot" or not proxy:
                continue
            again = sum(one.numbers.get(f"{proxy}/BACKEND/{counted}", 0) for counted in ("wretr", "wredis"))
            found = seldom(proxy, "asked again", again, total)
            yield explained(
                found,
                "a server of it refuses connections or breaks off",
                f"toolkit status, toolkit logs {proxy.removeprefix('ask:')}",
                told(one, *(f"{proxy}/BACKEND/{counted}" for counted in ("stot", *_FIELDS))),
                concerns=("edge", proxy.removeprefix("ask:")),
            )
