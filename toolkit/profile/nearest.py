"""The valid name nearest to what was written."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from toolkit.profile.schema import keys_below, keys_of
from toolkit.profile.tree import KeyPath, dotted

if TYPE_CHECKING:
    from collections.abc import Sequence

_LISTED = 15


def nearest(word: str, choices: Sequence[str]) -> str | None:
    """Return the choice that was probably meant, by spelling or as the only one that begins so."""
    plain = word.lower().replace("-", "_")
    spelled = {choice.lower().replace("-", "_"): choice for choice in choices}
    begins = [choice for key, choice in spelled.items() if len(plain) > 1 and key.startswith(plain)]
    close = difflib.get_close_matches(plain, spelled, n=1)
    if close:
        return spelled[close[0]]
    return begins[0] if len(begins) == 1 else None


def key_hint(schema: dict[str, object], path: KeyPath) -> str:
    """Return a hint to go on from: the nearest known key, else where this name stands, else all known here."""
    word, siblings = str(path[-1]), keys_of(schema, path[:-1])
    close = nearest(word, siblings)
    if close:
        return f"did you mean `{dotted((*path[:-1], close))}`?"
    elsewhere = [key for key in keys_below(schema) if key[-1] == word.lower().replace("-", "_")]
    if elsewhere:
        return f"did you mean `{dotted(max(elsewhere, key=lambda key: _shared(key, path)))}`?"
    listed = ", ".join(siblings[:_LISTED]) + (", ..." if len(siblings) > _LISTED else "")
    return f"known here: {listed};"


def _shared(one: KeyPath, other: KeyPath) -> int:
    """Return how many leading parts two keys have in common."""
    pairs = zip(one, other, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
