"""How many requests does the edge answer with an error?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.advice import enough, explained, silent, told
from toolkit.checking import Finding, Status, Suite, check
from toolkit.snapshot import Need
from toolkit.values import replace

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot


_COUNTED = "edge/FRONTEND/hrsp_5xx"
_ALL = "edge/FRONTEND/req_tot"


@check(
    "edge.errors",
    "Requests are answered without errors",
    needs={Need.EDGE_STATS},
    suites={Suite.DIAGNOSE},
)
def edge_errors(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Fail where more answers than targets.error_rate (1 %) were 5xx since the edge's start, of 100 at least.

    4xx are the askers' own errors: a wrong key, a prompt that is too long.
    """
    for one, skip in silent(seen.edge_stats, "errors", _COUNTED, _ALL):
        if skip is not None:
            yield skip
            continue
        found = enough(
            one.service,
            "5xx",
            one.numbers[_COUNTED],
            one.numbers[_ALL],
            least=100,
            limit=plan.targets.error_rate,
            above=False,
        )
        bad = replace(found, status=Status.FAIL) if found.status is Status.WARN else found
        yield explained(
            bad,
            "model servers were away, full, or too slow",
            "toolkit logs edge: the lines with 5xx name the server",
            told(one, _ALL, _COUNTED, "edge/FRONTEND/hrsp_4xx", "edge/FRONTEND/ereq"),
        )
