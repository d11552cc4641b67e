"""Streams begin soon."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Suite, check
from toolkit.confidence import percentile
from toolkit.snapshot import Need, Snapshot
from toolkit.values import replace
from toolkit.verdicts import judged, milliseconds
from toolkit.watched import text_models, unseen, values

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan


@check("watch.first_token", "Streams begin soon", needs={Need.SERIES}, suites={Suite.HEALTH})
def watch_first_token(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Fail where the P95 of the time to the first token of a model is over `targets.first_token`.

    Beside it stands what its servers measured themselves, of all requests: what is between the two was spent on the
    way, in the edge, or in the client.
    """
    took = values(seen, "first_token")
    for model in text_models(plan):
        if model not in took:
            yield from unseen(
                [model], "a first token", f"toolkit logs edge; toolkit smoke-test tells more of {model}"
            )
            continue
        found = judged(
            model,
            "P95",
            percentile(took[model], 0.95),
            plan.targets.first_token,
            show=milliseconds,
            remedy="toolkit diagnose: is its server busy, or its card shared?",
        )
        yield replace(found, evidence=tuple(_own_words(plan, seen, model)))


def _own_words(plan: Plan, seen: Snapshot, model: str) -> Iterator[str]:
    middle, high = values(seen, "server_first_token_p50"), values(seen, "server_first_token_p95")
    servers = next(one.services for one in plan.models if one.served_name == model)
    for name in servers:
        if name in middle and name in high:
            yield f"{name} itself: P50 {milliseconds(middle[name][-1])}, P95 {milliseconds(high[name][-1])}"
