"""Does Redis know what it is asked for?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.advice import enough, explained, silent, told
from toolkit.checking import Finding, Suite, check
from toolkit.snapshot import Need

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot


_LEAST = 1000


@check(
    "redis.hit_rate",
    "Redis knows most of what it is asked for",
    needs={Need.REDIS},
    suites={Suite.DIAGNOSE},
)
def redis_hit_rate(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Warn where its hits are under the target (targets.hit_rate: 0.8, a persona's 0.98), of 1000 look-ups at least.

    Counted since the server's start; a cache that is being filled misses everything once.
    """
    for one, skip in silent(seen.redis, "hits", "keyspace_hits", "keyspace_misses"):
        if skip is not None:
            yield skip
            continue
        hits, asked = (
            one.numbers["keyspace_hits"],
            one.numbers["keyspace_hits"] + one.numbers["keyspace_misses"],
        )
        found = enough(
            one.service, "look-ups answered", hits, asked, least=_LEAST, limit=plan.targets.hit_rate
        )
        yield explained(
            found,
            "what is asked for was never put there, or has expired",
            "longer lifetimes (CACHE_* variables of the applications), or keys that more requests share",
            told(one, "keyspace_hits", "keyspace_misses", "expired_keys", "evicted_keys"),
        )
