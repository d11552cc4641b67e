"""Calls that each may fail or hang, side by side: each costs its own answer only."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from toolkit.clock import Deadline

K = TypeVar("K")
T = TypeVar("T")


class LateError(Exception):
    """No answer by the deadline."""


def side_by_side(calls: Mapping[K, Callable[[], T]], deadline: Deadline) -> dict[K, T | Exception]:
    """Return for each call what it returned or raised; LateError for one that did not end by `deadline`."""
    running = {key: _Running(call) for key, call in calls.items()}
    return {key: one.result(deadline) for key, one in running.items()}


class _Running(Generic[T]):
    def __init__(self, call: Callable[[], T]) -> None:
        self._found: T | Exception = LateError("no answer in time")
        # A daemon: a look that hangs in the kernel must not keep the whole command from ending.
        self._thread = threading.Thread(target=self._run, args=(call,), daemon=True)
        self._thread.start()

    def _run(self, call: Callable[[], T]) -> None:
        try:
            self._found = call()
        except Exception as error:  # noqa: BLE001 - whatever one call meets, the others go on
            self._found = error

    def result(self, deadline: Deadline) -> T | Exception:
        self._thread.join(deadline.remaining_s())
        return self._found
