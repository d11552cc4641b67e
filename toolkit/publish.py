"""Atomic write of a Bundle: everything is staged first, then renamed into place, compose.yaml last."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from toolkit.errors import Problem, PublishError
from toolkit.render.bundle import Bundle, RenderedFile
from toolkit.render.render import COMPOSE_FILE
from toolkit.values import Value

_STAGING = ".staging-"
_DIRECTORY_MODE = 0o755


class Difference(Value):
    """A file of the tree that is not as it would be rendered: `missing` or `changed`."""

    path: str
    kind: str


def differences(bundle: Bundle, directory: Path) -> tuple[Difference, ...]:
    """Return the files of `bundle` that `directory` lacks or holds with another text; others do not count."""
    found = []
    for path, file in sorted(bundle.files.items()):
        there = directory / path
        if not there.is_file():
            found.append(Difference(path, "missing"))
        elif there.read_text(encoding="utf-8") != file.text:
            found.append(Difference(path, "changed"))
    return tuple(found)


def publish(bundle: Bundle, directory: Path) -> tuple[Difference, ...]:
    """Write what differs; return what was written.

    A disk that fills up, or a kill at any moment, leaves every file either as it was or as it shall be, and
    compose.yaml never names a file that is not there. Raises PublishError.
    """
    wanted = differences(bundle, directory)
    if not wanted:
        return ()
    with translated(directory):
        directory.mkdir(parents=True, exist_ok=True)
        _remove_stale(directory)
        with _staging(directory) as staging:
            for difference in wanted:
                _write(staging / difference.path, bundle.files[difference.path])
            for difference in sorted(wanted, key=lambda d: d.path == COMPOSE_FILE):
                _place(staging / difference.path, directory / difference.path)
            _sync(directory)
    return wanted


def _write(path: Path, file: RenderedFile) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8") as out:
        out.write(file.text)
        out.flush()
        os.fsync(out.fileno())
    path.chmod(file.mode)


def _place(staged: Path, final: Path) -> None:
    final.parent.mkdir(parents=True, exist_ok=True)
    # Containers read these directories as users of their own, whatever the umask of this process was.
    final.parent.chmod(_DIRECTORY_MODE)
    staged.replace(final)


def _sync(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove_stale(directory: Path) -> None:
    """Remove what a killed run has left; the caller holds the environment's lock."""
    for left in directory.glob(_STAGING + "*"):
        shutil.rmtree(left)


@contextmanager
def _staging(directory: Path) -> Iterator[Path]:
    staging = directory / f"{_STAGING}{os.getpid()}"
    staging.mkdir()
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


@contextmanager
def translated(directory: Path) -> Iterator[None]:
    """Have an OSError of what is written below `directory` be a PublishError with the way out."""
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise PublishError(
            Problem(
                where=str(directory),
                what="the disk is full; nothing was published"
                if full
                else "the rendered tree cannot be written",
                got=str(error),
                next_step="free some space (`df -h .`), then run it again"
                if full
                else "make the directory writable for this user, or choose another one with --project-dir",
            )
        ) from error
