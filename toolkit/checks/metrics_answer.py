"""The metrics are gathered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Suite, check
from toolkit.planning import trials
from toolkit.snapshot import Need, Snapshot
from toolkit.trial_findings import trial_findings

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan

_NAMES = (trials.SCRAPED,)


@check("metrics.answer", "The metrics are gathered", needs={Need.TRIALS}, suites={Suite.SMOKE})
def metrics_answer(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Fail where Prometheus does not answer, or misses one of its targets."""
    return trial_findings(plan, seen, _NAMES, "toolkit logs prometheus")
