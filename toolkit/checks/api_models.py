"""The models are listed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Suite, check
from toolkit.planning import trials
from toolkit.snapshot import Need, Snapshot
from toolkit.trial_findings import trial_findings

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan

_NAMES = (trials.MODELS,)


@check("api.models", "The models are listed", needs={Need.TRIALS}, suites={Suite.SMOKE})
def api_models(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Fail where GET /v1/models has not every model that the plan serves, or takes longer than `targets.light_p95`."""
    return trial_findings(plan, seen, _NAMES, "toolkit logs edge {subject}")
