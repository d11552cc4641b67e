"""Is the cache of a model server full?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.advice import told
from toolkit.checking import Change, Confidence, Finding, Status, Suite, check
from toolkit.snapshot import Need, known

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot


FULL = 0.95
"""From here on a request that grows finds no free block sooner or later."""


@check(
    "llm.kv_cache",
    "The cache of each model server has room",
    needs={Need.MODEL_METRICS},
    suites={Suite.DIAGNOSE},
    explains=("llm.preemptions", "llm.queue", "endpoint.slow"),
)
def llm_kv_cache(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Warn where 95 % of the cache's blocks are in use by running requests while others wait or were preempted.

    vLLM counts blocks of running requests only: what is kept of earlier prompts is given up for them. A full cache with
    nobody waiting is well used. Fewer requests at once (max_num_seqs) keep what has begun; more room needs more memory.
    """
    for one in known(seen.model_metrics):
        used = one.numbers.get("kv_cache_usage_perc", 0.0)
        waiting, preempted = (
            one.numbers.get("num_requests_waiting", 0),
            one.numbers.get("num_preemptions_total", 0),
        )
        full = used >= FULL and (waiting > 0 or preempted > 0)
        yield Finding(
            one.service,
            Status.WARN if full else Status.PASS,
            f"{used:.0%} of its cache in use, {waiting:.0f} requests wait",
            f"under {FULL:.0%} while requests wait",
            "requests wait for blocks of the cache, not for the card" if full else "",
            "more room for the cache (a larger share of the card, a shorter max_model_len), or fewer "
            "requests at once"
            if full
            else "",
            told(
                one,
                "kv_cache_usage_perc",
                "num_requests_running",
                "num_requests_waiting",
                "num_preemptions_total",
            )
            if full
            else (),
            confidence=Confidence.LIKELY if full else Confidence.CERTAIN,
            changes=_fewer(plan, one.service) if full else (),
        )


def _fewer(plan: Plan, service: str) -> tuple[Change, ...]:
    """Return half as many requests at once, where the plan says how many there are."""
    planned = plan.service(service)
    words = planned.command if planned is not None else ()
    value = next((words[at + 1] for at, word in enumerate(words[:-1]) if word == "--max-num-seqs"), "")
    if not value.isdecimal() or int(value) < 2:
        return ()
    return (Change(f"services.{service.replace('-', '_')}.flags.max_num_seqs", int(value) // 2),)
