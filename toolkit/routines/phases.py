"""The steps of a routine: told to whoever listens, and timed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolkit.clock import Clock
    from toolkit.routines.progress import Progress


@dataclass(frozen=True, slots=True)
class Phases:
    """The steps of one run, shared by all that have a part in it; `taken_s` are seconds by step, in order."""

    progress: Progress
    clock: Clock
    taken_s: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def phase(self, title: str) -> Iterator[None]:
        """Surround one step; one that comes again is added to, one that fails is not counted."""
        began = self.clock.monotonic()
        with self.progress.phase(title):
            yield
        taken_s = self.clock.monotonic() - began
        self.taken_s[title] = round(self.taken_s.get(title, 0.0) + taken_s, 3)
