"""Fragment + plan → one service: ownership is by leaf, and a leaf set twice is an error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from toolkit.errors import Problem, UsageError


def merge_leaves(
    fragment: Mapping[str, Any], planned: Mapping[str, Any], where: str, path: str = ""
) -> dict[str, Any]:
    """Return both mappings as one; lists and scalars are leaves.

    Raises UsageError naming `where` (the fragment's file) and the path of a leaf that both set.
    """
    merged = dict(fragment)
    for key, value in planned.items():
        at = f"{path}.{key}" if path else key
        if key not in merged:
            merged[key] = value
        elif isinstance(merged[key], Mapping) and isinstance(value, Mapping):
            merged[key] = merge_leaves(merged[key], value, where, at)
        else:
            raise UsageError(
                Problem(
                    where=where,
                    what=f"`{at}` is set by the fragment, but it belongs to the plan",
                    got=str(merged[key]),
                    next_step=f"remove `{at}` from the fragment; a profile sets it",
                )
            )
    return merged
