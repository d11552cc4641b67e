"""How full is Redis?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.advice import enough, explained, silent, told
from toolkit.checking import Finding, Suite, check
from toolkit.snapshot import Need

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot


_FULL = 0.9


@check("redis.memory", "Redis has room", needs={Need.REDIS}, suites={Suite.DIAGNOSE})
def redis_memory(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Warn where 90 % of maxmemory are in use: soon it evicts, or refuses where it may not evict."""
    del plan
    for one, skip in silent(seen.redis, "memory", "used_memory", "maxmemory"):
        if skip is not None:
            yield skip
            continue
        used, most = one.numbers["used_memory"], one.numbers["maxmemory"]
        found = enough(one.service, "in use", used, most, least=1, limit=_FULL, above=False)
        policy = one.texts.get("maxmemory_policy", "")
        yield explained(
            found,
            "it refuses writes once it is full"
            if policy == "noeviction"
            else "what is used least is evicted from here on",
            "more memory (services.redis.memory), or shorter lifetimes",
            (
                *told(one, "used_memory", "maxmemory", "evicted_keys"),
                *([f"maxmemory_policy {policy}"] if policy else []),
            ),
        )
