"""Watches the command lines of all programs on the machine, where no secret may be: every user reads them."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path
from typing import Self

_PAUSE_S = 0.05
# A new process has its parent's command line until it becomes the program that was called.
_LOOKS = 5


class CommandLines:
    """Collects, from a thread, each command line that it meets while it is entered."""

    def __init__(self) -> None:
        self.seen: set[bytes] = set()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def with_any(self, values: list[str]) -> list[bytes]:
        """Return the command lines that hold one of the values."""
        return [line for line in sorted(self.seen) if any(value.encode() in line for value in values)]

    def _watch(self) -> None:
        looks: dict[str, int] = {}
        while not self._stop.wait(_PAUSE_S):
            there = [path.name for path in Path("/proc").iterdir() if path.name.isdigit()]
            looks = {pid: looks.get(pid, 0) + 1 for pid in there}
            for pid in there:
                if looks[pid] <= _LOOKS:
                    # Gone already, or another user's behind hidepid.
                    with suppress(OSError):
                        self.seen.add(Path("/proc", pid, "cmdline").read_bytes())
