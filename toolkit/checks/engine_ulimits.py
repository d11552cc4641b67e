"""Can the engine set the ulimits that services ask for?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Status, Suite, check
from toolkit.snapshot import Need, known

if TYPE_CHECKING:
    from toolkit.facts import UlimitFact
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot


@check(
    "engine.ulimits",
    "The engine can set the ulimits that services ask for",
    needs={Need.ULIMITS},
    suites={Suite.PREFLIGHT},
)
def engine_ulimits(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Fail where a throw-away container with the same limit did not start; small virtual machines forbid large ones."""
    del plan
    return (_finding(limit) for limit in known(seen.ulimits))


def _finding(limit: UlimitFact) -> Finding:
    subject = f"{limit.service}: {limit.name}={limit.value}"
    if limit.refusal is None:
        return Finding(subject, Status.SKIP, "not tried: no image is here yet to try it in")
    if not limit.refusal:
        return Finding(subject, Status.PASS, "a container got it")
    remedy = "lower it or leave it out: the engine's own limits stand above it"
    return Finding(subject, Status.FAIL, "the engine cannot set it", cause=limit.refusal, remedy=remedy)
