"""Do requests wait at the edge?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.advice import told
from toolkit.checking import Finding, Status, Suite, check
from toolkit.snapshot import Need, known

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot


_LONG_MS = 1000
_LEAST = 100


@check(
    "edge.queue",
    "Requests do not wait at the edge",
    needs={Need.EDGE_STATS},
    suites={Suite.DIAGNOSE},
    explains=("endpoint.slow",),
)
def edge_queue(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Warn where the last 1024 requests of a service waited for more than a second on average, of 100 at least.

    HAProxy's `qtime`. The first token has half a second (targets.first_token); the queue gives up after ten.
    """
    del plan
    for one in known(seen.edge_stats):
        for name, waited_ms in one.numbers.items():
            proxy, _, field = name.rpartition("/BACKEND/")
            if field != "qtime" or one.numbers.get(f"{proxy}/BACKEND/stot", 0) < _LEAST:
                continue
            long, now = waited_ms > _LONG_MS, one.numbers.get(f"{proxy}/BACKEND/qcur", 0)
            yield Finding(
                proxy,
                Status.WARN if long else Status.PASS,
                f"{waited_ms:,.0f} ms in the queue on average, {now:.0f} wait now",
                f"{_LONG_MS} ms at most",
                "more comes in than its servers take at once" if long else "",
                "more replicas, or more requests at once (max_num_seqs) where the cache has room"
                if long
                else "",
                told(
                    one,
                    *(f"{proxy}/BACKEND/{counted}" for counted in ("qcur", "qmax", "qtime", "scur", "stot")),
                )
                if long
                else (),
                concerns=("edge", proxy.removeprefix("ask:")),
            )
