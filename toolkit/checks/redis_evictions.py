"""Does Redis give up what would still be asked for?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.advice import explained, silent, told
from toolkit.checking import Change, Finding, Status, Suite, check
from toolkit.snapshot import Need
from toolkit.units import MIB

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot


_LEAST_KEYS = 100
_LEAST_LOOKUPS = 1000


@check(
    "redis.evictions",
    "Redis has room for what is asked for",
    needs={Need.REDIS},
    suites={Suite.DIAGNOSE},
    explains=("redis.hit_rate", "redis.memory"),
)
def redis_evictions(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Warn where 100 keys and more were evicted, more than expired, while the hit rate is under its target.

    A cache that evicts is a cache that is full, which is what it is for; too small it is when keys go before their time
    and are asked for again. The change is twice the memory.
    """
    names = ("evicted_keys", "expired_keys", "keyspace_hits", "keyspace_misses")
    for one, skip in silent(seen.redis, "evictions", *names):
        if skip is not None:
            yield skip
            continue
        evicted, expired, hits, misses = (one.numbers[name] for name in names)
        lookups = hits + misses
        missed = lookups >= _LEAST_LOOKUPS and hits / lookups < plan.targets.hit_rate
        small = evicted >= _LEAST_KEYS and evicted > expired and missed
        found = Finding(
            one.service,
            Status.WARN if small else Status.PASS,
            f"{evicted:,.0f} keys evicted, {expired:,.0f} expired",
            "keys that live out their time" if small else "",
        )
        planned = plan.service(one.service)
        memory = planned.memory_bytes * 2 // MIB if planned is not None else 0
        yield explained(
            found,
            "it is too small for what is asked of it",
            f"services:\n  redis: {{memory: {memory}MiB}}" if memory else "give it more memory",
            told(one, *names, "used_memory", "maxmemory"),
            changes=(Change("services.redis.memory", f"{memory}MiB"),) if memory else (),
        )
