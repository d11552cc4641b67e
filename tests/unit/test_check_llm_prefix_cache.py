"""llm.prefix_cache: next to nothing known already."""

from __future__ import annotations

import pytest

from tests.support.findings import ask
from toolkit.checking import Finding, Status
from toolkit.checks.llm_prefix_cache import llm_prefix_cache
from toolkit.facts import FiguresFact


def found(hits: float, asked: float) -> Finding:
    numbers = {"prefix_cache_queries_total": asked, "prefix_cache_hits_total": hits}
    (one,) = ask(llm_prefix_cache, model_metrics=(FiguresFact("llm-fast", numbers),))
    return one


@pytest.mark.parametrize(
    ("hits", "asked", "status"),
    [
        (0, 99_999, Status.SKIP),
        (4_999, 100_000, Status.WARN),
        (5_000, 100_000, Status.PASS),
        (0, 1e7, Status.WARN),
    ],
)
def test_it_takes_many_tokens_to_tell(hits: float, asked: float, status: Status) -> None:
    assert found(hits, asked).status is status


def test_short_prompts_have_nothing_to_share() -> None:
    numbers = {
        "prefix_cache_queries_total": 330_509.0,
        "prefix_cache_hits_total": 0.0,
        "request_success_total": 10_453.0,
    }
    (one,) = ask(llm_prefix_cache, model_metrics=(FiguresFact("llm-fast", numbers),))
    assert (one.status, one.observed) == (Status.SKIP, "prompts are short: 32 tokens on average")


def test_a_pooling_server_has_none() -> None:
    (one,) = ask(llm_prefix_cache, model_metrics=(FiguresFact("embeddings", {}),))
    assert one.status is Status.SKIP
