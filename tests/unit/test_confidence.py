"""Quantiles, intervals and slopes against values that are known."""

from __future__ import annotations

import math
import random

import pytest

from toolkit.confidence import mean, percentile, quantile, rate, trend


def test_quantiles_lie_between_values_in_proportion() -> None:
    assert quantile([1, 2, 3, 4], 0.5) == 2.5
    assert quantile([1, 2, 3, 4, 5], 0.95) == pytest.approx(4.8)
    assert quantile([7], 0.99) == 7


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    # Wilson's interval as R's `prop.test(correct=FALSE)` gives it.
    [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (15, 1000, 0.0091, 0.0246)],
)
def test_wilson(hits: int, n: int, low: float, high: float) -> None:
    found = rate(hits, n, resolves=0.01)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


def test_a_share_of_one_in_a_hundred_takes_three_hundred_samples() -> None:
    assert not rate(0, 299, resolves=0.01).enough
    assert rate(0, 300, resolves=0.01).enough
    assert not rate(0, 0, resolves=0.01).enough
    assert rate(150, 150, resolves=0.98).enough


def test_order_statistics_of_a_p95() -> None:
    # Of 100 values the 90th and the 99th or 100th bound the P95: known from tables of the binomial distribution.
    found = percentile(list(range(1, 101)), 0.95)
    assert found.low == 90
    assert found.high in {99, 100}
    assert found.enough


def test_few_values_bound_no_p95_from_above() -> None:
    found = percentile([1.0] * 19, 0.95)
    assert found.high == math.inf
    assert not found.enough
    assert percentile([], 0.95).low == -math.inf


def test_the_interval_holds_what_it_promises() -> None:
    chosen = random.Random(1)
    true = -math.log(1 - 0.95)
    kept = 0
    for _ in range(300):
        found = percentile([chosen.expovariate(1) for _ in range(200)], 0.95)
        kept += found.low <= true <= found.high
    assert kept / 300 >= 0.93


def test_means() -> None:
    found = mean([1, 2, 3, 4, 5])
    assert (found.value, found.enough) == (3, True)
    assert (found.low, found.high) == pytest.approx((1.614, 4.386), abs=1e-3)
    assert not mean([1.0]).enough
    assert mean([1.0]).low == -math.inf


def test_a_creep_is_seen_through_noise_and_a_spike_is_none() -> None:
    chosen = random.Random(2)
    noise = [chosen.gauss(0, 3) for _ in range(60)]
    creeps = trend([(t, 100 + 0.5 * t + noise[t]) for t in range(60)])
    assert creeps.grows
    assert creeps.slope_per_s == pytest.approx(0.5, rel=0.15)
    assert creeps.rise == pytest.approx(29.5, rel=0.15)
    assert not trend([(t, 100 + noise[t]) for t in range(60)]).grows
    assert not trend([(t, 1000.0 if t == 30 else 100.0) for t in range(60)]).grows


def test_few_points_are_enough_where_nearly_each_is_higher() -> None:
    grows = [t * 4.0 for t in range(8)]
    assert trend(list(enumerate(grows))).grows
    # A look that came too late, and one that saw it lower for once: a short watch must not depend on either.
    assert trend([(t, v) for t, v in enumerate(grows) if t != 4]).grows
    assert trend(list(enumerate([0.0, 4.0, 3.0, *grows[3:]]))).grows
    assert not trend([(t, t * 1.0) for t in range(7)] + [(7, 3.5)]).grows
    assert not trend(list(enumerate(grows[:6]))).grows
    assert not trend([(0, 1.0), (1, 2.0)]).grows
    assert not trend([(t, 5.0) for t in range(20)]).grows


def test_the_probability_of_few_points_is_that_of_all_their_orders() -> None:
    # Kaarsemaker and van Wijngaarden's table: P(S >= 6) of four is 1/24, P(S >= 8) of five is 5/120.
    assert trend(list(enumerate([1.0, 2.0, 3.0, 4.0]))).p_value == pytest.approx(2 / 24)
    assert trend(list(enumerate([2.0, 1.0, 3.0, 4.0, 5.0]))).p_value == pytest.approx(10 / 120)
    assert trend(list(enumerate([2.0, 4.0, 1.0, 3.0]))).p_value == 1.0
