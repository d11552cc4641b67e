"""The values that must not be shown: what the state keeps secret, for whoever has to take it out of a text."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolkit.state.directory import StateDirectory


def secret_values(state: StateDirectory) -> tuple[str, ...]:
    """Return every secret and API key that this user may read; what he may not, he cannot have seen elsewhere."""
    found = []
    for directory in (state.secrets, state.keys):
        with suppress(OSError):
            for file in sorted(directory.iterdir()):
                with suppress(OSError, UnicodeDecodeError):
                    found.append(file.read_text(encoding="utf-8").strip())
    return tuple(found)
