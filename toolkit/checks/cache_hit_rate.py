"""Does the response cache answer as often as it shall?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.advice import enough, explained, told
from toolkit.checking import Finding, Suite, check
from toolkit.snapshot import Need, known

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot


_LEAST = 1000


@check(
    "cache.hit_rate",
    "The response cache answers as often as it shall",
    needs={Need.EDGE_STATS},
    suites={Suite.DIAGNOSE},
)
def cache_hit_rate(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Warn where its hits are under the target (targets.hit_rate: 0.8, a persona's 0.98), of 1000 questions at least.

    Only what may be kept comes to it: answers at temperature 0. A hit is a question that came to it and went on to no
    model, by the edge's own counters: into the cache, less out of it to the inner frontend.
    """
    for one in known(seen.edge_stats):
        asked = one.numbers.get("cache:nginx/cache/stot")
        onward = one.numbers.get("inner/FRONTEND/req_tot")
        if asked is None or onward is None:
            continue
        # What goes by the cache while it is away comes to the inner frontend, too.
        missed = onward - one.numbers.get("cache:nginx/inner/stot", 0)
        hits = max(0.0, asked - missed)
        found = enough(
            "response-cache", "answered by the cache", hits, asked, least=_LEAST, limit=plan.targets.hit_rate
        )
        yield explained(
            found,
            "questions seldom repeat, or answers are given up before they do",
            "a larger services.response_cache.size or a longer services.response_cache.valid; ask at "
            "temperature 0 "
            "and with the same words",
            told(one, "cache:nginx/cache/stot", "inner/FRONTEND/req_tot", "cache:nginx/inner/stot"),
        )
