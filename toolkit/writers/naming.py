"""Names in a row, of many only the first."""

from __future__ import annotations

from collections.abc import Iterable

_NAMED = 3


def some(found: Iterable[str]) -> str:
    """Return the different names, of five or more the first three and how many more there are."""
    names = list(dict.fromkeys(found))
    more = len(names) - _NAMED
    return ", ".join(names) if more <= 1 else f"{', '.join(names[:_NAMED])} and {more} more"
