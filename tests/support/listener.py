"""A listener to a routine that writes everything down."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from toolkit.routines.progress import Waiting


class Listener:
    """What a routine told: its steps, the states of its services, programs' lines, and notes."""

    beat_s: float | None = None

    def __init__(self) -> None:
        self.waits: list[tuple[tuple[Waiting, ...], str]] = []
        self.phases: list[str] = []
        self.states: list[str] = []
        self.lines: list[str] = []
        self.notes: list[str] = []

    def waiting(self, waits: Sequence[Waiting], said: str) -> None:
        self.waits.append((tuple(waits), said))

    @contextmanager
    def phase(self, title: str) -> Iterator[None]:
        self.phases.append(title)
        yield

    def service(self, name: str, state: str) -> None:
        self.states.append(f"{name}: {state}")

    def line(self, text: str) -> None:
        self.lines.append(text)

    def note(self, text: str) -> None:
        self.notes.append(text)
