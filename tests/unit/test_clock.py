"""A deadline is one point in time, shared by all steps that belong to it."""

from __future__ import annotations

import time

from tests.support.clocks import HandClock
from toolkit.clock import SYSTEM_CLOCK, Deadline, seconds_between


def test_time_runs_out_once_and_stays_out() -> None:
    clock = HandClock()
    deadline = Deadline.after(30.0, clock)

    assert (deadline.at, deadline.remaining_s(), deadline.passed) == (130.0, 30.0, False)
    clock.pass_by(29.5)
    assert (deadline.remaining_s(), deadline.passed) == (0.5, False)
    clock.pass_by(0.5)
    assert (deadline.remaining_s(), deadline.passed) == (0.0, True)
    clock.pass_by(1000)
    assert (deadline.remaining_s(), deadline.passed) == (0.0, True)


def test_the_system_s_clock_is_monotonic_time() -> None:
    before = time.monotonic()
    assert before <= SYSTEM_CLOCK.monotonic() <= time.monotonic()
    assert 9 < Deadline.after(10).remaining_s() <= 10


def test_deadlines_are_equal_by_their_point_in_time() -> None:
    assert Deadline(5.0, HandClock()) == Deadline(5.0)
    assert repr(Deadline(5.0)) == "Deadline(at=5.0)"


def test_seconds_between_two_written_times() -> None:
    assert seconds_between("2026-01-01T11:59:00.123456789Z", "2026-01-01T12:00:00+00:00") == 60
    assert seconds_between("", "2026-01-01T12:00:00+00:00") is None
