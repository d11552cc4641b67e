"""A server's own histograms between two looks, with quantiles as Prometheus reckons them."""

from __future__ import annotations

import pytest

from toolkit.engine.histograms import between, buckets, quantile

NAME = "vllm:time_to_first_token_seconds"


def text(*counts: tuple[str, float]) -> str:
    lines = [f'{NAME}_bucket{{engine="0",le="{le}",model_name="general"}} {count}' for le, count in counts]
    return "\n".join(
        [f"# TYPE {NAME} histogram", *lines, f"{NAME}_sum 3.0", f'{NAME}_other_bucket{{le="1"}} 9']
    )


def test_buckets_are_summed_over_their_labels() -> None:
    twice = text(("0.1", 2.0), ("+Inf", 5.0)) + "\n" + text(("0.1", 1.0), ("+Inf", 1.0))
    assert buckets(twice, NAME) == {0.1: 3.0, float("inf"): 6.0}
    assert buckets("nothing", NAME) == {}


def test_between_two_looks() -> None:
    before, after = {0.1: 2.0, 1.0: 4.0}, {0.1: 5.0, 1.0: 9.0}
    assert between(before, after) == {0.1: 3.0, 1.0: 5.0}
    assert between({}, after) == after
    # The server began anew: what it counts now is all since then.
    assert between({0.1: 6.0, 1.0: 6.0}, after) == after


def test_quantiles() -> None:
    of = {0.1: 50.0, 0.2: 90.0, 0.4: 100.0, float("inf"): 100.0}
    assert quantile(of, 0.5) == pytest.approx(0.1)
    assert quantile(of, 0.7) == pytest.approx(0.15)
    assert quantile(of, 0.95) == pytest.approx(0.3)
    assert quantile({0.1: 1.0, float("inf"): 9.0}, 0.95) == 0.1
    assert quantile({}, 0.5) is None
    assert quantile({0.1: 0.0}, 0.5) is None
