"""A place for the hosts of a test; it bears the number of its run, so that a later one clears what it left."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterator

_PREFIX = "toolkit-lab-"
_CGROUPS = Path("/sys/fs/cgroup")


@contextmanager
def lab_place() -> Iterator[Path]:
    """Yield an empty directory, whose name is also free as a name in every cgroup hierarchy; remove both.

    It is not pytest's: a socket's path has room for 107 bytes only.
    """
    clear_leftovers()
    place = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
    try:
        yield place
    finally:
        _clear(place)


def clear_leftovers() -> None:
    """Remove the places of runs that are no more; their programs died with them."""
    for place in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*-*"):
        if not psutil.pid_exists(int(place.name.removeprefix(_PREFIX).split("-")[0])):
            # Killed a moment ago, some may still be about to die: then the next run gets it.
            with contextlib.suppress(OSError):
                _clear(place)


def thaw(place: Path) -> None:
    """Let paused containers go on: a frozen program does not even die when it is killed."""
    for state in _CGROUPS.glob(f"freezer/{place.name}/**/freezer.state"):
        state.write_text("THAWED")


def _clear(place: Path) -> None:
    thaw(place)
    for top in {path.resolve() for path in (*_CGROUPS.glob(place.name), *_CGROUPS.glob(f"*/{place.name}"))}:
        for directory, _, _ in os.walk(top, topdown=False):
            Path(directory).rmdir()
    shutil.rmtree(place)
