"""Each model has a stand-in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Suite, check
from toolkit.planning import trials
from toolkit.snapshot import Need, Snapshot
from toolkit.trial_findings import trial_findings

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan

_NAMES = (trials.FALLBACK,)


@check("api.fallback", "Each model has a stand-in", needs={Need.TRIALS}, suites={Suite.SMOKE})
def api_fallback(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Fail where the other one does not answer for a model whose servers are taken aside, within `targets.mean_answer`.

    They are put back whatever happens: the edge does it itself when whoever took them aside is gone.
    """
    return trial_findings(plan, seen, _NAMES, "toolkit logs edge; toolkit status shows the other server")
