"""llm.queue: more waits than runs, or all have waited long."""

from __future__ import annotations

import pytest

from tests.support.findings import ask
from toolkit.checking import Finding, Status
from toolkit.checks.llm_queue import llm_queue
from toolkit.facts import FiguresFact


def found(running: float, waiting: float, waited_s: float = 0.0, asked: float = 0) -> Finding:
    numbers = {
        "num_requests_running": running,
        "num_requests_waiting": waiting,
        "request_queue_time_seconds_sum": waited_s,
        "request_queue_time_seconds_count": asked,
    }
    (one,) = ask(llm_queue, model_metrics=(FiguresFact("llm-general", numbers),))
    return one


@pytest.mark.parametrize(
    ("running", "waiting", "waited_s", "asked", "status"),
    [
        (0, 0, 0, 0, Status.PASS),
        (0, 1, 0, 0, Status.PASS),
        (16, 16, 10, 100, Status.PASS),
        (16, 17, 10, 100, Status.WARN),
        (4, 0, 101, 100, Status.WARN),
        (4, 0, 101, 49, Status.PASS),
    ],
)
def test_a_short_queue_is_no_finding(
    running: float, waiting: float, waited_s: float, asked: float, status: Status
) -> None:
    assert found(running, waiting, waited_s, asked).status is status


def test_it_says_how_long() -> None:
    assert found(16, 40, 300, 100).observed == "40 wait while 16 run; 3.00 s in the queue on average"
