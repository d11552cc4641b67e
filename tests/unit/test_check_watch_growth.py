"""What grows and goes on growing fails, small as it is; warming up, noise and steps do not."""

from __future__ import annotations

import random
from datetime import datetime

import pytest

from tests.support.plans import plan
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


# Prometheus on a machine at rest, in its first two minutes.
YOUNG = (
    [29.0] * 7
    + [30.0] * 2
    + [29.0]
    + [30.0] * 5
    + [31.0] * 2
    + [32.0] * 20
    + [33.0] * 4
    + [34.0]
    + [35.0] * 12
)
YOUNG += [36.0] * 2 + [35.0] + [36.0] + [35.0] * 2


@pytest.mark.parametrize(
    ("values", "age_s", "status"),
    [(YOUNG, 45.0, "pass"), (YOUNG, 3600.0, "fail"), ([40 + 2.0 * t for t in range(60)], 45.0, "fail")],
    ids=["warms up", "has long been warm", "leaks from the first"],
)
def test_who_has_just_begun_comes_to_rest(values: list[float], age_s: float, status: str) -> None:
    began = datetime.fromisoformat("2026-01-01T00:00:00+00:00").timestamp() - age_s
    seen = series("memory", "prometheus", values, over_s=60), series("started", "prometheus", [began])
    found = watched(watch_growth, *seen, of=plan(environment="development"))["prometheus"]
    assert str(found.status) == status, found
    assert ("ago" in found.observed) == (status == "pass")
