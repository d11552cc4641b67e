"""Services that run, that stopped, that were started anew, and that are not there."""

from __future__ import annotations

from tests.support.plans import plan
from tests.support.watches import series, statuses, watched
from toolkit.checks.watch_services import watch_services
from toolkit.facts import Series

NAMES = [service.name for service in plan().started]


def healthy(*but: str) -> list[Series]:
    return [series("up", name, [1.0] * 8) for name in NAMES if name not in but]


def test_services() -> None:
    assert set(statuses(watched(watch_services, *healthy())).values()) == {"pass"}
    stopped = watched(watch_services, *healthy("redis"), series("up", "redis", [1.0] * 5 + [0.0] * 3))
    assert (str(stopped["redis"].status), stopped["redis"].observed) == (
        "fail",
        "not serving in 3 of 8 looks",
    )
    gone = watched(watch_services, *healthy("redis"))["redis"]
    assert gone.observed == "it has no container"
    anew = watched(watch_services, *healthy(), series("started", "redis", [1.0, 1.0, 9.0]))["redis"]
    assert (str(anew.status), anew.observed) == ("fail", "was started anew")
    looped = watched(watch_services, *healthy(), series("restarts", "redis", [0.0, 1.0]))["redis"]
    assert str(looped.status) == "fail"


def test_an_engine_that_says_nothing_is_no_verdict() -> None:
    assert statuses(watched(watch_services)) == {"containers": "error"}
