"""Watches a stack for a while: a light load of its own beside the users', and a look at everything every second."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.routines.recording import Recorder

if TYPE_CHECKING:
    from toolkit.clock import Clock
    from toolkit.facts import Series

EVERY_S = 1.0
_LONG_S = 24 * 3600.0
_LAST_WORDS_S = 0.8
"""For what was asked just before the end; what hangs is left behind."""

AFTER_S = 1.5
"""The most that a watch takes after its duration."""
Show = Callable[[Recorder, float], None]
"""Is given what was seen so far, and how long the watch goes on in all."""
Part = Callable[["Watching"], None]
"""Writes down what it sees until the watch is over; runs in a thread of its own."""


@dataclass(frozen=True, slots=True)
class Watching:
    """A watch that is under way, as its parts are given it: where to write, and how long it goes on."""

    recorder: Recorder
    duration_s: float
    over: threading.Event

    def ticks(self, every_s: float = EVERY_S) -> Iterator[float]:
        """Yield the seconds since the beginning each `every_s`, the first at once, until the watch is over.

        A look that takes longer costs its own points only: those it is too late for are left out.
        """
        number = 0
        while not self.over.is_set():
            at = number * every_s
            if at >= self.duration_s - every_s / 2 or self.over.wait(max(0.0, at - self.recorder.now())):
                return
            yield at
            number = max(number + 1, int(self.recorder.now() / every_s))


def watch(
    parts: Mapping[str, Part],
    duration_s: float,
    clock: Clock,
    show: Show | None = None,
) -> tuple[Series, ...]:
    """Run all parts side by side for `duration_s` and return what they wrote down.

    It ends in time whatever hangs; a part that failed is a series `lost` with its name. `show` is called twice a
    second.
    """
    recorder = Recorder(clock)
    watching = Watching(recorder, duration_s, threading.Event())
    threads = [_start(name, part, watching) for name, part in parts.items()]
    try:
        _wait(watching, show)
    finally:
        watching.over.set()
    _gather(threads)
    return recorder.close()


@contextmanager
def beside(parts: Mapping[str, Part], clock: Clock) -> Iterator[Recorder]:
    """Yield what the parts write down while something else is done."""
    recorder = Recorder(clock)
    watching = Watching(recorder, _LONG_S, threading.Event())
    for name, part in parts.items():
        _start(name, part, watching)
    try:
        yield recorder
    finally:
        watching.over.set()


def _start(name: str, part: Part, watching: Watching) -> threading.Thread:
    def run() -> None:
        try:
            part(watching)
        except Exception as error:  # noqa: BLE001 - whatever one part meets, the others go on
            watching.recorder.note("lost", f"{name}: {_why(error)}", "", 1.0)

    # A daemon: what hangs must not keep the command from ending.
    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    return thread


def _why(error: Exception) -> str:
    words = str(error).strip().splitlines()
    return words[0] if words else type(error).__name__


def _wait(watching: Watching, show: Show | None) -> None:
    while (left := watching.duration_s - watching.recorder.now()) > 0:
        if show is not None:
            show(watching.recorder, watching.duration_s)
        time.sleep(min(left, 0.5))


def _gather(threads: Sequence[threading.Thread]) -> None:
    until = time.monotonic() + _LAST_WORDS_S
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
