"""Light requests are quick."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Suite, check
from toolkit.confidence import percentile
from toolkit.snapshot import Need, Snapshot
from toolkit.verdicts import judged, milliseconds
from toolkit.watched import unseen, values

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.planning.targets import Targets


@check("watch.light", "Light requests are quick", needs={Need.SERIES}, suites={Suite.HEALTH})
def watch_light(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Fail where the P95 of light requests, the list of models and answers of the cache, is over `targets.light_p95`.

    Over `targets.alert_p95` somebody should look at it now, over `targets.critical_p95` the stack does not serve.
    """
    if plan.service("edge") is None:
        return
    took = values(seen, "light").get("edge", ())
    if not took:
        yield from unseen(["edge"], "an answer to a light request", "toolkit logs edge")
        return
    found = percentile(took, 0.95)
    yield judged(
        "edge",
        "P95",
        found,
        plan.targets.light_p95,
        show=milliseconds,
        cause=_level(found.value, plan.targets),
        remedy="toolkit diagnose; toolkit logs edge response-cache",
    )


def _level(value: float, targets: Targets) -> str:
    if value > targets.critical_p95:
        return f"critical: over {milliseconds(targets.critical_p95)}"
    return f"alert: over {milliseconds(targets.alert_p95)}" if value > targets.alert_p95 else ""
