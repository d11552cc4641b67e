"""Build contexts: where they are cached, what identifies their content, and how wheels get into one."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_NOT_CONTENT = "__pycache__"


def cache_directory() -> Path:
    """Return the place of downloads and scratch of builds: `llm-stack-toolkit` in the user's cache."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "llm-stack-toolkit"


def context_digest(*directories: Path, salt: str) -> str:
    """Return the SHA-256, in hex, of every file's name and content below `directories`, and of `salt`.

    Modes and times do not count: a wheel does not carry them.
    """
    total = hashlib.sha256(salt.encode())
    for directory in directories:
        for path in sorted(directory.rglob("*")):
            if path.is_file() and _NOT_CONTENT not in path.parts:
                content = hashlib.sha256(path.read_bytes()).hexdigest()
                total.update(f"\0{path.relative_to(directory)}\0{content}".encode())
    return total.hexdigest()


@contextmanager
def staged_context(context: Path, wheels: Path | None, cache: Path) -> Iterator[Path]:
    """Yield `context` itself, or for the time of a build a copy that has `wheels` in its directory wheels/.

    The wheels are linked, not copied: `cache` has to be on their file system.
    """
    if wheels is None:
        yield context
        return
    with tempfile.TemporaryDirectory(prefix="context-", dir=cache) as scratch:
        staged = Path(scratch, context.name)
        shutil.copytree(context, staged, ignore=shutil.ignore_patterns(_NOT_CONTENT))
        (staged / "wheels").mkdir()
        for wheel in wheels.glob("*.whl"):
            (staged / "wheels" / wheel.name).hardlink_to(wheel)
        yield staged
