"""Runs commands and times them, both sides in turns, so that drift of the machine hits them alike."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.errors import BenchError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

_COMMAND_TIMEOUT_S = 180
_LINES_SHOWN = 10


# Both sides keep their byte code, as they do for their users, also where that is off for whoever runs the bench.
_ENVIRON = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _nothing() -> None: ...


@dataclass(frozen=True, slots=True)
class Side:
    """A command under its name in the table; `before` is called ahead of each run and not timed."""

    name: str
    argv: tuple[str, ...]
    before: Callable[[], None] = _nothing


def without(directory: Path) -> Callable[[], None]:
    """Return the step before a run that removes `directory`."""
    return lambda: shutil.rmtree(directory, ignore_errors=True)


def run(argv: Sequence[str], stdin: str | None = None, timeout_s: float = _COMMAND_TIMEOUT_S) -> str:
    """Return what the command wrote to standard output. Raises BenchError when it fails or takes too long."""
    try:
        done = subprocess.run(
            argv, input=stdin, capture_output=True, text=True, timeout=timeout_s, check=False, env=_ENVIRON
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BenchError(f"{shlex.join(argv)}: {error}") from error
    if done.returncode != 0:
        said = "\n".join((done.stderr or done.stdout).strip().splitlines()[-_LINES_SHOWN:])
        raise BenchError(f"{shlex.join(argv)}: exit code {done.returncode}\n{said}")
    return done.stdout


def wall_s(side: Side) -> float:
    """Return the seconds from the start of the command to its end, as whoever typed it waits for it."""
    side.before()
    began = time.perf_counter()
    run(side.argv)
    return time.perf_counter() - began


def in_turns(sides: Sequence[Side], rounds: int) -> dict[str, tuple[float, ...]]:
    """Return the seconds of each side in each round, by name.

    A first round does not count: it fills the caches of files and byte code. Every second round goes back,
    so that none always comes first.
    """
    for side in sides:
        wall_s(side)
    taken: dict[str, list[float]] = {side.name: [] for side in sides}
    for number in range(rounds):
        for side in sides if number % 2 == 0 else reversed(sides):
            taken[side.name].append(wall_s(side))
    return {name: tuple(seconds) for name, seconds in taken.items()}
