"""The response cache keeps answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Suite, check
from toolkit.planning import trials
from toolkit.snapshot import Need, Snapshot
from toolkit.trial_findings import trial_findings

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan

_NAMES = (
    trials.CACHE_MISS,
    trials.CACHE_HIT,
)


@check("api.cache", "The response cache keeps answers", needs={Need.TRIALS}, suites={Suite.SMOKE})
def api_cache(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Fail where a new question is not asked of a model, or the same one again is not answered by the cache.

    The second answer may take `targets.light_p95`.
    """
    return trial_findings(plan, seen, _NAMES, "toolkit logs edge response-cache")
