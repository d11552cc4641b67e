"""Build contexts: what identifies their content, and where builds keep what they download."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

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
