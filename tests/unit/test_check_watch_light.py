"""Light requests: quick, slow, alarming, and too few to tell."""

from __future__ import annotations

from tests.support.watches import series, watched
from toolkit.checks.watch_light import watch_light


def test_light_requests() -> None:
    quick = watched(watch_light, series("light", "edge", [0.004] * 200))["edge"]
    assert (str(quick.status), quick.observed) == ("pass", "P95 4.0 ms (4.0 ms to 4.0 ms, n=200)")
    slow = watched(watch_light, series("light", "edge", [0.004] * 180 + [0.2] * 20))["edge"]
    assert (str(slow.status), slow.cause) == ("fail", "")
    alarming = watched(watch_light, series("light", "edge", [0.7] * 40))["edge"]
    assert (str(alarming.status), alarming.cause) == ("fail", "alert: over 500 ms")
    assert watched(watch_light, series("light", "edge", [3.0] * 40))["edge"].cause == "critical: over 2.0 s"


def test_none_or_too_few_are_no_verdict() -> None:
    assert str(watched(watch_light)["edge"].status) == "error"
    few = watched(watch_light, series("light", "edge", [0.004] * 10))["edge"]
    assert str(few.status) == "skip"
    assert few.observed.startswith("too few samples to tell")
