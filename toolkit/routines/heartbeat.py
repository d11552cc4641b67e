"""Tells now and then what is still waited for, for how long, of what budget, and what the slowest said last."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from toolkit.errors import ToolkitError
from toolkit.routines.progress import Waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from toolkit.clock import Clock
    from toolkit.facts import ContainerFact
    from toolkit.routines.progress import Progress


class Heartbeat:
    """Beside a wait, in a thread of its own: the wait itself is woken by events only.

    `budgets_s` are those of the awaited services; `behind` says which of them wait for others. `last_line` returns the
    newest line of a container's log.
    """

    def __init__(
        self,
        budgets_s: Mapping[str, float],
        behind: Mapping[str, Collection[str]],
        last_line: Callable[[str], str],
        progress: Progress,
        clock: Clock,
    ) -> None:
        self._budgets_s = budgets_s
        self._behind = behind
        self._last_line = last_line
        self._progress = progress
        self._clock = clock
        self._began = clock.monotonic()
        self._pending: dict[str, str] = dict.fromkeys(budgets_s, "")
        self._lock = threading.Lock()
        self._over = threading.Event()

    def note(self, fact: ContainerFact) -> None:
        """Take in what a container is by now."""
        with self._lock:
            if fact.healthy:
                self._pending.pop(fact.service, None)
            elif fact.service in self._pending:
                self._pending[fact.service] = fact.container_id

    def beat(self) -> None:
        """Tell once, unless nothing is waited for."""
        with self._lock:
            pending = dict(self._pending)
        if not pending:
            return
        # What waits for another one has nothing to say for itself.
        first = [n for n in pending if not any(o in pending for o in self._behind.get(n, ()))] or [*pending]
        slowest = max(first, key=lambda name: self._budgets_s[name])
        waited_s = self._clock.monotonic() - self._began
        waits = [
            Waiting(name, waited_s, self._budgets_s[name], name == slowest)
            for name in sorted(pending, key=lambda name: self._budgets_s[name])
        ]
        self._progress.waiting(waits, self._said(pending[slowest]))

    def __enter__(self) -> Self:
        """Begin to beat, as often as the listener wants to be told."""
        every_s = self._progress.beat_s
        if every_s is not None:
            threading.Thread(target=self._beat_on, args=(every_s,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self._over.set()

    def _beat_on(self, every_s: float) -> None:
        while not self._over.wait(every_s):
            self.beat()

    def _said(self, container_id: str) -> str:
        with suppress(ToolkitError):
            return self._last_line(container_id) if container_id else ""
        return ""
