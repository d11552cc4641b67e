"""What a user adds to what is shipped: texts in the place of templates and fragments, patches of services."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Replaced:
    """The text that stands in the place of a shipped file, and the user's file that it comes from."""

    text: str
    file: str


@dataclass(frozen=True, slots=True)
class Additions:
    """`replaced`: shipped path (`templates/…`, `compose/…`) → text. `patches`: service → what is laid over it."""

    replaced: Mapping[str, Replaced] = field(default_factory=dict)
    patches: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def source(self, template: str) -> str:
        """Return where the text of a template comes from: the user's file, or the shipped template itself."""
        ours = self.replaced.get(f"templates/{template}")
        return ours.file if ours else template


NOTHING_ADDED = Additions()


def patched(body: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """Return a service with a patch laid over it: mappings merge, everything else replaces, null takes a key out."""
    merged = dict(body)
    for key, value in patch.items():
        below = merged.get(key)
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, Mapping):
            merged[key] = patched(below if isinstance(below, Mapping) else {}, value)
        else:
            merged[key] = value
    return merged
