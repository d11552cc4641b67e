"""A watch that was busy with itself, or of which a part broke off, has measured nothing."""

from __future__ import annotations

from tests.support.watches import series, statuses, watched
from toolkit.checks.watch_itself import watch_itself


def test_the_watch_itself() -> None:
    assert statuses(watched(watch_itself, series("client_cpu", "toolkit", [0.1]))) == {"client": "pass"}
    busy = watched(watch_itself, series("client_cpu", "toolkit", [0.9]), series("lost", "edge", [1.0]))
    assert statuses(busy) == {"client": "error", "edge": "error"}
    assert busy["client"].observed == "could not measure: 90 % of a core"
