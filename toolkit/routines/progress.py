"""How a routine tells what it is doing, without knowing who listens."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol


class Progress(Protocol):
    """A listener to a running routine."""

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
