"""Clocks for tests: time passes only by hand."""

from __future__ import annotations


class HandClock:
    """Monotonic seconds that stand still until `pass_by`."""

    def __init__(self, now: float = 100.0) -> None:
        self.now = now

    def monotonic(self) -> float:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += seconds
