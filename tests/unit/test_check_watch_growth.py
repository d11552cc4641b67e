"""What grows and goes on growing fails, small as it is; warming up, noise and steps do not."""

from __future__ import annotations

import random

import pytest

from tests.support.watches import series, watched
from toolkit.checks.watch_growth import watch_growth

CHOSEN = random.Random(3)
NOISE = [CHOSEN.gauss(0, 1.5) for _ in range(60)]


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ([100 + 0.4 * t + NOISE[t] for t in range(60)], "fail"),
        ([100 + 2 * t for t in range(8)], "fail"),
        ([100 + NOISE[t] for t in range(60)], "pass"),
        ([100.0] * 60, "pass"),
        ([100.0] * 30 + [140.0] * 30, "pass"),
        ([100 + min(20, 2 * t) for t in range(60)], "pass"),
        ([100 + 0.02 * t for t in range(60)], "pass"),
        ([], "pass"),
    ],
    ids=[
        "creeps",
        "leaks for eight seconds",
        "noise",
        "flat",
        "one step",
        "warms up",
        "negligible",
        "unseen",
    ],
)
def test_growth(values: list[float], status: str) -> None:
    over_s = float(len(values) or 1)
    found = watched(watch_growth, series("memory", "redis", values, over_s=over_s))["redis"]
    assert str(found.status) == status
    assert found.cause.startswith("at this rate its limit of ") == (status == "fail")


@pytest.mark.parametrize(("per_second", "status"), [(0.9, "pass"), (2.0, "fail")])
def test_a_cache_that_fills_is_no_leak(per_second: float, status: str) -> None:
    """The server of the plan has 64 MiB for its cache, in the memory of its host."""
    values = [1000 + per_second * t for t in range(60)]
    found = watched(watch_growth, series("memory", "llm-general", values, over_s=60.0))["llm-general"]
    assert str(found.status) == status
