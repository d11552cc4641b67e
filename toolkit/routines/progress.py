"""How a routine tells what it is doing, without knowing who listens."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Waiting:
    """A service that is waited for: for how long by now, and at most. The `slowest` is expected last."""

    service: str
    waited_s: float
    budget_s: float
    slowest: bool


class Progress(Protocol):
    """A listener to a running routine."""

    @property
    def beat_s(self) -> float | None:
        """How often it wants to be told what is waited for; None for never."""
        ...

    def waiting(self, waits: Sequence[Waiting], said: str) -> None:
        """Tell what is still waited for, and the newest log line of the slowest. It comes from another thread."""
        ...

    def phase(self, title: str) -> AbstractContextManager[None]:
        """Surround one step that may take more than a moment."""
        ...

    def service(self, name: str, state: str) -> None:
        """Tell the present state of a service: one word or a short phrase."""
        ...

    def line(self, text: str) -> None:
        """Pass on one line of a program's output."""
        ...

    def note(self, text: str) -> None:
        """Tell something that the user should read, whether it changes anything or not."""
        ...
