"""Which module of the command line has which verb: a run loads no other."""

from __future__ import annotations

from collections.abc import Sequence

ROOMS = {
    "setup": ("init",),
    "rendering": ("validate", "render"),
    "explaining": ("plan", "explain"),
    "running": ("up", "down", "start", "stop", "restart", "migrate"),
    "releases": ("releases", "rollback"),
    "inspecting": ("status", "logs"),
    "warming": ("warmup",),
    "examining": ("preflight", "checks"),
    "diagnosing": ("diagnose",),
    "measuring": ("smoke-test", "health-check", "bench"),
    "comparing": ("diff",),
    "profile": ("profile",),
    "keys": ("keys",),
    "databases": ("db",),
    "reports": ("report",),
    "images": ("images",),
}
_VERSION = "--version"


def rooms_for(argv: Sequence[str]) -> tuple[str, ...]:
    """Return the modules that a command line needs: that of its verb, none for the version, else all of them."""
    first = argv[0] if argv else ""
    if first == _VERSION:
        # A group without a verb is a command; any one keeps it a group.
        return ("comparing",)
    return next(((room,) for room, verbs in ROOMS.items() if first in verbs), tuple(ROOMS))
