"""Time as a door: a Clock that tests can replace, and a Deadline that is handed down instead of time-outs."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Monotonic seconds."""

    def monotonic(self) -> float:
        """Return seconds from an arbitrary start, never going back."""
        ...


class SystemClock:
    """The machine's own monotonic clock."""

    def monotonic(self) -> float:
        """Return `time.monotonic()`."""
        return time.monotonic()


SYSTEM_CLOCK = SystemClock()


@dataclass(frozen=True, slots=True)
class Deadline:
    """A point in time by which something has to be done; shared by all steps that belong to it."""

    at: float
    clock: Clock = field(default=SYSTEM_CLOCK, compare=False, repr=False)

    @classmethod
    def after(cls, seconds: float, clock: Clock = SYSTEM_CLOCK) -> Deadline:
        """Return the deadline `seconds` from now."""
        return cls(clock.monotonic() + seconds, clock)

    def within(self, seconds: float) -> Deadline:
        """Return the earlier of this deadline and one `seconds` from now."""
        return Deadline(min(self.at, self.clock.monotonic() + seconds), self.clock)

    def remaining_s(self) -> float:
        """Return the seconds left, 0.0 once passed."""
        return max(0.0, self.at - self.clock.monotonic())

    @property
    def passed(self) -> bool:
        """Whether no time is left."""
        return self.remaining_s() == 0.0


# The engine writes nanoseconds, which Python does not read.
_FRACTION = re.compile(r"\.\d+")


def seconds_between(earlier: str, later: str) -> float | None:
    """Return the whole seconds from one RFC 3339 time to another, None where one of them is none."""
    try:
        one, other = (datetime.fromisoformat(_FRACTION.sub("", text)) for text in (earlier, later))
    except ValueError:
        return None
    return (other - one).total_seconds()
