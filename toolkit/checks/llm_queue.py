"""Do requests wait long before a model server begins?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.advice import told
from toolkit.checking import Finding, Status, Suite, check
from toolkit.snapshot import Need, known

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot


_LONG_S = 1.0
_LEAST = 50


@check(
    "llm.queue",
    "Requests do not wait for a model server",
    needs={Need.MODEL_METRICS},
    suites={Suite.DIAGNOSE},
    explains=("endpoint.slow",),
)
def llm_queue(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Warn where more requests wait than run, or where they have waited for a second on average, of 50 at least.

    The first token has half a second (targets.first_token): a second in the queue has missed it before the model has
    begun. A queue for a moment is what a queue is for; how it grows is seen by `health-check`.
    """
    del plan
    for one in known(seen.model_metrics):
        running, waiting = (
            one.numbers.get("num_requests_running", 0),
            one.numbers.get("num_requests_waiting", 0),
        )
        count = one.numbers.get("request_queue_time_seconds_count", 0)
        mean_s = one.numbers.get("request_queue_time_seconds_sum", 0) / count if count >= _LEAST else 0.0
        long = waiting > max(running, 1) or mean_s > _LONG_S
        yield Finding(
            one.service,
            Status.WARN if long else Status.PASS,
            f"{waiting:.0f} wait while {running:.0f} run; {mean_s:.2f} s in the queue on average",
            f"fewer wait than run, {_LONG_S:.0f} s at most",
            "more comes in than it can answer" if long else "",
            f"more replicas (services.{one.service.replace('-', '_')}.replicas), more requests at once where its cache "
            "has room, or limits for the keys that ask most"
            if long
            else "",
            told(one, "num_requests_running", "num_requests_waiting", "request_queue_time_seconds_sum")
            if long
            else (),
        )
