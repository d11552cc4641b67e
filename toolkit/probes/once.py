"""What several looks need, looked at once: the first that asks looks, the others wait for it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Once(Generic[T]):
    """The answer of `look`, or what it raised, for everyone who asks."""

    def __init__(self, look: Callable[[], T]) -> None:
        self._look = look
        self._lock = threading.Lock()
        self._found: list[T | Exception] = []

    def __call__(self) -> T:
        """Return what was seen. Raises what the look raised, each time."""
        with self._lock:
            if not self._found:
                self._found.append(self._try())
        (found,) = self._found
        if isinstance(found, Exception):
            raise found
        return found

    def _try(self) -> T | Exception:
        try:
            return self._look()
        except Exception as error:  # noqa: BLE001 - it is raised anew for each that asks
            return error
