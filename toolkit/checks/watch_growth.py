"""Memory does not grow."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from toolkit.checking import Confidence, Finding, Status, Suite, check
from toolkit.confidence import trend
from toolkit.snapshot import Need, Snapshot
from toolkit.units import MIB, parse_bytes
from toolkit.watched import Points, points, values

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan, ServicePlan

_LEAST_MIB = 6.0
_SOON_S = 6 * 3600.0
_YOUNG_S, _AT_ONCE_S = 600.0, 300.0
_CACHE_FLAG = "--kv-cache-memory-bytes"


@check("watch.growth", "Memory does not grow", needs={Need.SERIES}, suites={Suite.HEALTH})
def watch_growth(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Fail where a service's memory grows so that it would be used up within six hours, though it is not yet.

    The slope is the median of all pairs of looks, and must be one that chance gives once in a thousand watches; it has
    to go on in the second half, since what warms up comes to rest, and to come to 6 MiB, or to 1 % of the limit. A
    model server without a card has its KV cache in this memory and touches it bit by bit: as much more is no leak. In
    the first ten minutes of a service it is none either, unless that is faster than it came to what it has, or its
    limit is less than five minutes away.
    """
    used, started = points(seen, "memory"), values(seen, "started")
    now = datetime.fromisoformat(seen.taken_at).timestamp()
    for service in plan.services:
        if service.name in used:
            since = started.get(service.name, (0.0,))[-1]
            yield _finding(service, used[service.name], now - since)


def _finding(service: ServicePlan, seen: Points, age_s: float) -> Finding:
    """Return the finding of a service that had run for `age_s` when the watch began."""
    whole, later = trend(seen), trend(seen[len(seen) // 2 :])
    limit_mib = service.memory_bytes / MIB
    per_minute = whole.slope_per_s * 60
    left_s = (limit_mib - (seen[-1][1] if seen else 0)) / whole.slope_per_s if whole.slope_per_s > 0 else None
    large = whole.rise >= max(_LEAST_MIB, 0.01 * limit_mib) + _cache_mib(service)
    goes_on = later.slope_per_s > 0.3 * whole.slope_per_s
    lasts = whole.grows and large and goes_on and left_s is not None and left_s < _SOON_S
    if not lasts or left_s is None:
        return Finding(service.name, Status.PASS, f"{per_minute:+.1f} MiB/min", "no lasting growth")
    age_s += seen[-1][0]
    if age_s < _YOUNG_S and left_s > _AT_ONCE_S and whole.slope_per_s * age_s < seen[-1][1]:
        said = f"{per_minute:+.1f} MiB/min, started {_duration(age_s)} ago"
        return Finding(service.name, Status.PASS, said, "no lasting growth")
    return Finding(
        service.name,
        Status.FAIL,
        f"{per_minute:+.1f} MiB/min, from {seen[0][1]:.0f} to {seen[-1][1]:.0f} MiB",
        "no lasting growth",
        cause=f"at this rate its limit of {limit_mib:.0f} MiB is reached in {_duration(left_s)}",
        remedy=f"toolkit logs {service.name}: what has it begun to do? toolkit restart {service.name} frees it",
        confidence=Confidence.LIKELY,
    )


def _cache_mib(service: ServicePlan) -> float:
    """Return how much a KV cache in the host's memory may still come to, 0 where there is none."""
    if service.gpus or _CACHE_FLAG not in service.command:
        return 0.0
    # As servers' configurations write sizes: 64M.
    return parse_bytes(f"{service.command[service.command.index(_CACHE_FLAG) + 1]}B") / MIB


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 3600:.1f} h" if seconds >= 3600 else f"{seconds / 60:.0f} min"
