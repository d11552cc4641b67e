"""Nobody waits for long."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Confidence, Finding, Status, Suite, check
from toolkit.confidence import quantile, trend
from toolkit.snapshot import Need, Snapshot
from toolkit.watched import Points, points

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan

_LEAST = 4


@check("watch.queue", "Nobody waits for long", needs={Need.SERIES}, suites={Suite.HEALTH})
def watch_queue(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Fail where as many requests wait for a model as it is to work on at once, or more from second to second.

    Who waits at the edge and who waits in the model server count together. As many as `targets.concurrent` in the
    middle of the watch are too many; a queue that grows is none that drains, however short it is.
    """
    at_server, at_edge = points(seen, "waiting"), points(seen, "queued")
    for name in dict.fromkeys([*at_server, *at_edge]):
        yield _finding(
            name, _together(at_server.get(name, ()), at_edge.get(name, ())), plan.targets.concurrent
        )


def _together(one: Points, other: Points) -> Points:
    seconds: dict[int, float] = {}
    for seen in (one, other):
        latest = {round(at): value for at, value in seen}
        for at, value in latest.items():
            seconds[at] = seconds.get(at, 0.0) + value
    return tuple((float(at), value) for at, value in sorted(seconds.items()))


def _finding(name: str, waiting: Points, most: int) -> Finding:
    lengths = sorted(value for _, value in waiting)
    if not lengths:
        return Finding(
            name, Status.ERROR, "how many wait: nothing was seen in this watch", remedy=f"toolkit logs {name}"
        )
    middle, move = quantile(lengths, 0.5), trend(waiting)
    grows = move.grows and move.rise >= _LEAST
    seen = f"{middle:.0f} wait, {lengths[-1]:.0f} at most"
    if middle < most and not grows:
        return Finding(name, Status.PASS, seen, f"< {most}")
    return Finding(
        name,
        Status.FAIL,
        f"{seen}, {move.slope_per_s:+.1f} a second" if grows else seen,
        f"< {most}, and not more and more",
        cause="more is asked than it can answer",
        remedy="a rate limit (services.edge.rate_limit), shorter answers, or a replica more",
        confidence=Confidence.LIKELY if grows else Confidence.CERTAIN,
    )
