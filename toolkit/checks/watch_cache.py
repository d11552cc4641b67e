"""Repeated questions are answered by the cache."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Suite, check
from toolkit.confidence import rate
from toolkit.snapshot import Need, Snapshot
from toolkit.verdicts import judged, percent
from toolkit.watched import unseen, values

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan


@check("watch.cache", "Repeated questions hit the cache", needs={Need.SERIES}, suites={Suite.HEALTH})
def watch_cache(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Fail where the response cache answers less than `targets.hit_rate` of the watch's own repeated questions."""
    if plan.service("response-cache") is None or plan.service("edge") is None:
        return
    hits = values(seen, "hit").get("response-cache", ())
    if not hits:
        yield from unseen(
            ["response-cache"], "an answer that was asked for before", "toolkit logs response-cache"
        )
        return
    target = plan.targets.hit_rate
    yield judged(
        "response-cache",
        "hits",
        rate(int(sum(hits)), len(hits), resolves=target),
        target,
        show=percent,
        better="more",
        remedy="toolkit logs response-cache; is it full? features.cache_memory_limit",
    )
