"""Does a model server throw away what it has begun?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.advice import enough, explained, silent, told
from toolkit.checking import Finding, Suite, check
from toolkit.snapshot import Need

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot


@check(
    "llm.preemptions",
    "Requests that have begun are not put back",
    needs={Need.MODEL_METRICS},
    suites={Suite.DIAGNOSE},
    explains=("endpoint.slow",),
)
def llm_preemptions(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Warn where more than 1 of 100 requests was preempted since the server's start, of 100 requests at least.

    A preempted request is computed again from its beginning: users see a stream that stops, and the card works twice.
    Now and then one is the price of a well-filled cache.
    """
    del plan
    for one, skip in silent(
        seen.model_metrics, "preemptions", "num_preemptions_total", "request_success_total"
    ):
        if skip is not None:
            yield skip
            continue
        numbers = one.numbers
        total = numbers["request_success_total"]
        found = enough(
            one.service,
            "preempted",
            numbers["num_preemptions_total"],
            total,
            least=100,
            limit=0.01,
            above=False,
        )
        yield explained(
            found,
            "the cache has too little room for as many requests at once",
            f"lower services.{one.service.replace('-', '_')}.flags.max_num_seqs, or give its cache more room",
            told(one, "num_preemptions_total", "request_success_total", "kv_cache_usage_perc"),
        )
