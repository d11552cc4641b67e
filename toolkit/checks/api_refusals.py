"""What is not allowed is refused."""

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
    trials.NO_KEY,
    trials.WRONG_KEY,
    trials.UNKNOWN_MODEL,
    trials.TOO_LONG,
)


@check("api.refusals", "What is not allowed is refused", needs={Need.TRIALS}, suites={Suite.SMOKE})
def api_refusals(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Fail where a request without a key or with a wrong one is not refused with 401, an unknown model with 404.

    A prompt that is longer than the model can read is to be refused with 400.
    """
    return trial_findings(plan, seen, _NAMES, "toolkit logs edge")
