"""Does a model server compute prompts again that it has seen?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.advice import enough, explained, silent, told
from toolkit.checking import Finding, Status, Suite, check
from toolkit.snapshot import Need

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot


_LEAST_TOKENS = 100_000
_LEAST_SHARE = 0.05
_LONG_TOKENS = 512


@check(
    "llm.prefix_cache",
    "What prompts have in common is computed once",
    needs={Need.MODEL_METRICS},
    suites={Suite.DIAGNOSE},
)
def llm_prefix_cache(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Warn where under 5 % of the prompts' tokens came from the prefix cache, of 100 000 tokens at least.

    How much prompts have in common is the applications' affair, so that no target of the profile applies: a chat sends
    its whole history each time and reaches 50 to 90 %. Next to nothing means that something at the beginning of each
    prompt is new each time: a date, an id. Prompts of under 512 tokens on average are of a few blocks, and
    what they have in common is hardly one: nothing is said of them.
    """
    del plan
    for one, skip in silent(
        seen.model_metrics, "prefix cache", "prefix_cache_queries_total", "prefix_cache_hits_total"
    ):
        if skip is not None:
            yield skip
            continue
        hits, asked = one.numbers["prefix_cache_hits_total"], one.numbers["prefix_cache_queries_total"]
        requests = one.numbers.get("request_success_total", 0)
        if asked >= _LEAST_TOKENS and asked < requests * _LONG_TOKENS:
            short = f"prompts are short: {asked / requests:.0f} tokens on average"
            yield Finding(one.service, Status.SKIP, short, f"{_LONG_TOKENS} at least")
            continue
        found = enough(
            one.service, "tokens known already", hits, asked, least=_LEAST_TOKENS, limit=_LEAST_SHARE
        )
        yield explained(
            found,
            "prompts differ from their first tokens on",
            "put what changes (dates, ids, users' texts) at the end of prompts; see that "
            "enable_prefix_caching is true",
            told(one, "prefix_cache_queries_total", "prefix_cache_hits_total", "prompt_tokens_total"),
        )
