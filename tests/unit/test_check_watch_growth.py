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
