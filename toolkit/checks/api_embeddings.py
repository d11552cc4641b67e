"""The embeddings model answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Suite, check
from toolkit.planning import trials
from toolkit.snapshot import Need, Snapshot
from toolkit.trial_findings import trial_findings

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan

_NAMES = (trials.EMBEDDING,)


@check("api.embeddings", "The embeddings model answers", needs={Need.TRIALS}, suites={Suite.SMOKE})
def api_embeddings(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Fail where a text gets no vector, or none within `targets.loaded_model`."""
    return trial_findings(plan, seen, _NAMES, "toolkit logs edge embeddings")
