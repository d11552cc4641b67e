"""Keeps apart what takes both cores, where tests run side by side: starts of servers, and loads on running ones."""

from __future__ import annotations

import fcntl
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# One for all workers of this user; who runs alone never waits for it.
_FILE = Path(tempfile.gettempdir()) / f"toolkit-tests-{os.geteuid()}.lock"
_QUIET: list[int] = []


@contextmanager
def quiet() -> Iterator[None]:
    """Hold off the starts and loads of others: a load tells of the stack, not of its neighbours."""
    with _held(fcntl.LOCK_EX):
        _QUIET.append(1)
        try:
            yield
        finally:
            _QUIET.pop()


@contextmanager
def busy() -> Iterator[None]:
    """Wait for the end of another's load; in the middle of one's own a start belongs to it."""
    if _QUIET:
        yield
        return
    with _held(fcntl.LOCK_SH):
        yield


@contextmanager
def _held(kind: int) -> Iterator[None]:
    with _FILE.open("a") as file:
        fcntl.flock(file, kind)
        yield
