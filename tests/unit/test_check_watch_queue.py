"""A queue that is full, one that grows, and one that drains."""

from __future__ import annotations

from tests.support.watches import series, statuses, watched
from toolkit.checks.watch_queue import watch_queue


def test_queues() -> None:
    seen = [
        series("waiting", "llm-general", [20.0] * 60),
        series("waiting", "llm-fast", [0.0, 3.0, 0.0] * 20),
        series("queued", "llm-fast", [0.0] * 60),
    ]
    found = watched(watch_queue, *seen)
    assert statuses(found) == {"llm-general": "fail", "llm-fast": "pass"}
    assert found["llm-general"].observed == "20 wait, 20 at most"


def test_who_waits_at_the_edge_counts_as_well() -> None:
    seen = [series("waiting", "llm-fast", [9.0] * 60), series("queued", "llm-fast", [9.0] * 60)]
    assert watched(watch_queue, *seen)["llm-fast"].observed == "18 wait, 18 at most"


def test_a_queue_that_grows_fails_before_it_is_long() -> None:
    found = watched(watch_queue, series("waiting", "llm-fast", [t / 6 for t in range(60)]))["llm-fast"]
    assert str(found.status) == "fail"
    assert found.observed.endswith("a second")


def test_nothing_seen_is_no_verdict() -> None:
    assert statuses(watched(watch_queue, series("waiting", "llm-fast", [None] * 9))) == {"llm-fast": "error"}
