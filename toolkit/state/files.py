"""Writes small files of the state so that a reader, or a power cut, never meets half of one."""

from __future__ import annotations

import os
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def create(path: Path, text: str, mode: int, owner: tuple[int, int] | None = None) -> None:
    """Create `path` with `text`, whole or not at all; `owner` (uid, gid) counts only when we are root.

    Raises FileExistsError when it is there already, OSError when it cannot be written.
    """
    with _written(path, text, mode, owner) as new:
        os.link(new, path)


def replace(path: Path, text: str | bytes, mode: int) -> None:
    """Put `text` in the place of `path`, whole or not at all. Raises OSError when it cannot be written."""
    with _written(path, text, mode, None) as new:
        new.replace(path)


@contextmanager
def _written(path: Path, text: str | bytes, mode: int, owner: tuple[int, int] | None) -> Iterator[Path]:
    new = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(file, "wb") as out:
            out.write(text if isinstance(text, bytes) else text.encode("utf-8"))
            out.flush()
            if owner is not None and os.geteuid() == 0:
                os.fchown(file, *owner)
            os.fchmod(file, mode)
            os.fsync(file)
        yield new
        _sync_directory(path.parent)
    finally:
        new.unlink(missing_ok=True)


def _sync_directory(directory: Path) -> None:
    folder = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
