"""Hits of the watch's own repeated questions."""

from __future__ import annotations

from tests.support.watches import series, statuses, watched
from toolkit.checks.watch_cache import watch_cache


def test_hits() -> None:
    assert statuses(watched(watch_cache, series("hit", "response-cache", [1.0] * 99 + [0.0]))) == {
        "response-cache": "pass"
    }
    assert statuses(watched(watch_cache, series("hit", "response-cache", [0.0] * 99 + [1.0]))) == {
        "response-cache": "fail"
    }
    assert statuses(watched(watch_cache)) == {"response-cache": "error"}
