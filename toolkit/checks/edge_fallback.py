"""Do models stand in for each other?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.advice import explained, seldom, told
from toolkit.checking import Finding, Suite, check
from toolkit.snapshot import Need, known

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot


@check(
    "edge.fallback",
    "Each model answers for itself",
    needs={Need.EDGE_STATS},
    suites={Suite.DIAGNOSE},
)
def edge_fallback(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Warn where more than 1 of 100 requests for a model was answered by its stand-in, and more than 10.

    Users get an answer, but not of the model that they asked for; `x-served-by` tells them.
    """
    del plan
    for one in known(seen.edge_stats):
        for name, total in one.numbers.items():
            if not (name.startswith("ask:") and name.endswith("/BACKEND/stot")):
                continue
            model = name.removeprefix("ask:").removesuffix("/BACKEND/stot")
            others = one.numbers.get(f"ask:{model}/other/stot", 0)
            found = seldom(model, "answered by its stand-in", others, total)
            yield explained(
                found,
                "its own servers were away, full, or gave no answer",
                f"toolkit logs {model}; `toolkit diagnose` tells what else is wrong with it",
                told(one, *(f"ask:{model}/{server}/stot" for server in ("own", "other", "again", "BACKEND"))),
                concerns=("edge", model),
            )
