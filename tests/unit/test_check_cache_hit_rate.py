"""cache.hit_rate: questions that went on to no model."""

from __future__ import annotations

import pytest

from tests.support.findings import ask
from tests.support.plans import plan
from toolkit.checking import Finding, Status
from toolkit.checks.cache_hit_rate import cache_hit_rate
from toolkit.facts import FiguresFact
from toolkit.values import replace


def found(asked: float, onward: float, beside: float = 0) -> tuple[Finding, ...]:
    numbers = {
        "cache:nginx/cache/stot": asked,
        "inner/FRONTEND/req_tot": onward,
        "cache:nginx/inner/stot": beside,
    }
    return ask(cache_hit_rate, edge_stats=(FiguresFact("edge", numbers),))


@pytest.mark.parametrize(
    ("asked", "onward", "beside", "status"),
    [
        (999, 999, 0, Status.SKIP),
        (1000, 200, 0, Status.PASS),
        (1000, 201, 0, Status.WARN),
        (1000, 300, 100, Status.PASS),
        (1000, 0, 100, Status.PASS),
    ],
)
def test_what_goes_by_the_cache_is_no_miss(
    asked: float, onward: float, beside: float, status: Status
) -> None:
    (one,) = found(asked, onward, beside)
    assert (one.subject, one.status) == ("response-cache", status)


def test_the_persona_asks_for_more() -> None:
    strict = plan()
    strict = replace(strict, targets=replace(strict.targets, hit_rate=0.98))
    numbers = {"cache:nginx/cache/stot": 1000.0, "inner/FRONTEND/req_tot": 100.0}
    (one,) = ask(cache_hit_rate, strict, edge_stats=(FiguresFact("edge", numbers),))
    assert (one.status, one.expected) == (Status.WARN, "98.0% at least")


def test_an_edge_without_a_cache_is_not_asked() -> None:
    assert ask(cache_hit_rate, edge_stats=(FiguresFact("edge", {"ask:x/BACKEND/stot": 5}),)) == ()
