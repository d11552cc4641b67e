"""What a watch writes down: one figure after the other, by name and subject, from several threads at once."""

from __future__ import annotations

import threading
from collections import defaultdict

from toolkit.clock import Clock
from toolkit.facts import Series

Key = tuple[str, str, str]


class Recorder:
    """Points of series; times are seconds since the recorder was made."""

    def __init__(self, clock: Clock) -> None:
        """Begin at 0 s."""
        self._clock = clock
        self._zero = clock.monotonic()
        self._lock = threading.Lock()
        self._points: dict[Key, list[tuple[float, float | None]]] = defaultdict(list)
        self._closed = False

    def now(self) -> float:
        """Return the seconds since the beginning."""
        return self._clock.monotonic() - self._zero

    def note(
        self, name: str, subject: str, unit: str, value: float | None, at_s: float | None = None
    ) -> None:
        """Write a point down, now or at `at_s`; nothing once the watch is over."""
        at = self.now() if at_s is None else at_s
        with self._lock:
            if not self._closed:
                self._points[name, subject, unit].append((round(at, 3), value))

    def close(self) -> tuple[Series, ...]:
        """End the watch and return all series, by name and subject, each in the order of its times."""
        with self._lock:
            self._closed = True
        return self.series()

    def series(self) -> tuple[Series, ...]:
        """Return what has been seen so far."""
        with self._lock:
            points = {
                key: tuple(sorted(seen, key=lambda point: point[0])) for key, seen in self._points.items()
            }
        return tuple(Series(*key, seen) for key, seen in sorted(points.items()))
