"""Few requests fail."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Status, Suite, check
from toolkit.confidence import rate
from toolkit.snapshot import Need, Snapshot
from toolkit.verdicts import judged, percent
from toolkit.watched import points, risen, unseen, values

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan

_REMEDY = "toolkit logs edge; toolkit diagnose"


@check("watch.errors", "Few requests fail", needs={Need.SERIES}, suites={Suite.HEALTH})
def watch_errors(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Fail where more than `targets.error_rate` of the requests fail: of the watch's own, and of all that the edge had.

    Of its own every answer of 400 and more is a failure, and one that does not come within two seconds of the end; of
    all others what the edge counts as 500 and more. A single model is named where it fails for certain.
    """
    if plan.service("edge") is None:
        return
    asked = values(seen, "asked")
    yield from _judged("the watch's requests", [one for some in asked.values() for one in some], plan)
    for model, failed in asked.items():
        found = _judge(model, sum(failed), len(failed), plan)
        if found.status is Status.FAIL:
            yield found
    requests = risen(points(seen, "requests").get("edge", ()))
    if requests:
        failures = risen(points(seen, "failures").get("edge", ()))
        yield _judge("all requests at the edge", failures, int(requests), plan)


def _judged(subject: str, failed: list[float], plan: Plan) -> Iterator[Finding]:
    if failed:
        yield _judge(subject, sum(failed), len(failed), plan)
    else:
        yield from unseen([subject], "an answer", "is the edge reached from here? toolkit status")


def _judge(subject: str, failed: float, n: int, plan: Plan) -> Finding:
    target = plan.targets.error_rate
    found = rate(min(int(failed), n), n, resolves=target)
    return judged(subject, f"{failed:.0f} of {n} fail,", found, target, show=percent, remedy=_REMEDY)
