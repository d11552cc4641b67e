"""Does Redis hold more memory than its keys need?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.advice import explained, silent, told
from toolkit.checking import Finding, Status, Suite, check
from toolkit.snapshot import Need
from toolkit.units import MIB

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot


_MOST, _LEAST = 1.5, 0.9
_LEAST_BYTES = 100 * MIB


@check("redis.fragmentation", "Redis' memory is not in pieces", needs={Need.REDIS}, suites={Suite.DIAGNOSE})
def redis_fragmentation(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Warn where it holds 1.5 times what its keys take, or under 0.9 times, of 100 MiB at least.

    In pieces, it comes to its container's limit before it comes to maxmemory; below, part of it was swapped out. With
    little in it the ratio is the program's own size.
    """
    del plan
    for one, skip in silent(seen.redis, "fragmentation", "mem_fragmentation_ratio", "used_memory"):
        if skip is not None:
            yield skip
            continue
        ratio, used = one.numbers["mem_fragmentation_ratio"], one.numbers["used_memory"]
        if used < _LEAST_BYTES:
            yield Finding(
                one.service, Status.SKIP, "too little in it to tell", f"{_LEAST_BYTES // MIB} MiB at least"
            )
            continue
        bad = ratio > _MOST or ratio < _LEAST
        found = Finding(
            one.service,
            Status.WARN if bad else Status.PASS,
            f"{ratio:.2f} of what its keys take",
            "0.9 to 1.5",
        )
        swapped = ratio < _LEAST
        yield explained(
            found,
            "part of it is in swap" if swapped else "freed memory lies between keys that stayed",
            "swapoff -a, or less memory for other services"
            if swapped
            else "toolkit restart redis: it is a cache",
            told(one, "mem_fragmentation_ratio", "used_memory", "used_memory_rss", "maxmemory"),
        )
