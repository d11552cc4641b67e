"""Versions of engine and Compose: how they read, the oldest that will do, and what needs a newer one."""

from __future__ import annotations

import re

Version = tuple[int, int, int]

OLDEST_ENGINE: Version = (20, 10, 0)
OLDEST_COMPOSE: Version = (2, 26, 0)
START_INTERVAL_SINCE: Version = (25, 0, 0)

_VERSION = re.compile(r"v?(\d+)\.(\d+)(?:\.(\d+))?")


def version_of(text: str) -> Version | None:
    """Return the first version in the text, (2, 26, 1) of `2.26.1-4` or `v2.26.1+ds1`; None without one."""
    match = _VERSION.search(text)
    return (int(match[1]), int(match[2]), int(match[3] or 0)) if match else None


def version_text(version: Version) -> str:
    """Return a version without a patch of zero: (2, 26, 0) → `2.26`, (25, 0, 0) → `25.0`."""
    major, minor, patch = version
    return f"{major}.{minor}.{patch}" if patch else f"{major}.{minor}"
