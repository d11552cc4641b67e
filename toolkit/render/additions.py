"""What a user adds to what is shipped: texts in the place of templates and fragments, patches of services."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from toolkit.errors import Problem, UsageError
from toolkit.values import Value, field


class Replaced(Value):
    """The text that stands in the place of a shipped file, and the user's file that it comes from."""

    text: str
    file: str


class Additions(Value):
    """`replaced`: shipped path (`templates/…`, `compose/…`) → text. `patches`: service → what is laid over it."""

    replaced: Mapping[str, Replaced] = field(default_factory=dict)
    patches: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def patched(self, service: str, body: dict[str, Any]) -> dict[str, Any]:
        """Return the service with its patch laid over it, where it has one. Raises UsageError as `patched` does."""
        patch = self.patches.get(service)
        if patch is None:
            return body
        # The toolkit's own label comes later, so that there is nothing yet to tell a list by.
        return patched({"labels": {}, **body}, patch, f"compose/{service}.patch.yaml")

    def source(self, template: str) -> str:
        """Return where the text of a template comes from: the user's file, or the shipped template itself."""
        ours = self.replaced.get(f"templates/{template}")
        return ours.file if ours else template


NOTHING_ADDED = Additions()
# Lists that are a command line: half of one and half of another would be nothing.
_ONE_THING = ("command", "entrypoint", "test")


def patched(body: Mapping[str, Any], patch: Mapping[str, Any], where: str, path: str = "") -> dict[str, Any]:
    """Return a service with a patch laid over it, by the rules of Compose itself.

    Mappings merge, lists are added to, everything else replaces, and so does a command line; null takes a key out.
    Raises UsageError naming `where` (the patch's file) and the path of a key that is a list on one side only.
    """
    merged = dict(body)
    for key, value in patch.items():
        below, at = merged.get(key), f"{path}.{key}" if path else key
        if value is None:
            merged.pop(key, None)
        elif {type(below), type(value)} == {dict, list}:
            raise UsageError(_mismatch(where, at, value))
        elif isinstance(value, dict):
            merged[key] = patched(below if isinstance(below, dict) else {}, value, where, at)
        elif isinstance(value, list) and isinstance(below, list) and key not in _ONE_THING:
            merged[key] = [*below, *(item for item in value if item not in below)]
        else:
            merged[key] = value
    return merged


def _mismatch(where: str, at: str, value: object) -> Problem:
    ours, theirs = ("a list", "a mapping") if isinstance(value, list) else ("a mapping", "a list")
    step = "write `NAME: value` lines" if isinstance(value, list) else "write `- value` lines"
    return Problem(where, f"`{at}` is {ours} here, but {theirs} in what is rendered", str(value), step)
