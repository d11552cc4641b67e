"""Answers come fast enough."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Suite, check
from toolkit.confidence import mean, percentile
from toolkit.snapshot import Need, Snapshot
from toolkit.verdicts import judged, milliseconds, plain
from toolkit.watched import text_models, values

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan

_REMEDY = "toolkit diagnose: is its server busy, or its card shared?"


@check("watch.speed", "Answers come fast enough", needs={Need.SERIES}, suites={Suite.HEALTH})
def watch_speed(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Fail where a model's streams have fewer tokens a second than `targets.stream_tokens_per_s` in the middle.

    Also where 100 tokens take longer than `targets.hundred_tokens` in the mean, reckoned from first token and speed, or
    its answers longer than `targets.mean_answer`.
    """
    rates, firsts, totals = (values(seen, name) for name in ("rate", "first_token", "total"))
    for model in text_models(plan):
        speeds = rates.get(model, ())
        if speeds:
            yield judged(
                model,
                "tokens/s",
                percentile(speeds, 0.5),
                plan.targets.stream_tokens_per_s,
                show=plain,
                better="more",
                remedy=_REMEDY,
            )
            hundred = [
                first + 99 / speed for first, speed in zip(firsts.get(model, ()), speeds, strict=False)
            ]
            yield _mean(model, "100 tokens", hundred, plan.targets.hundred_tokens)
        if model in totals:
            yield _mean(model, "mean answer", list(totals[model]), plan.targets.mean_answer)


def _mean(model: str, what: str, took: list[float], target: float) -> Finding:
    return judged(model, what, mean(took), target, show=milliseconds, remedy=_REMEDY)
