"""Each data service keeps what it is given."""

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
    trials.STORE,
    trials.VECTORS,
)


@check("stores.answer", "Each data service keeps what it is given", needs={Need.TRIALS}, suites={Suite.SMOKE})
def stores_answer(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Fail where what is written is not read back and deleted, or a vector not found, by the applications' own user.

    The read may take `targets.db_query` inside the server, of redis `targets.cache_answer`. All is in a scratch table
    or under a key of its own, and gone afterwards.
    """
    return trial_findings(plan, seen, _NAMES, "toolkit logs {subject}")
