"""Values that know where they were said: Origin, Node and Fault, shared by all steps of loading."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from toolkit.errors import Problem
from toolkit.values import Value

Scalar: TypeAlias = str | int | float | bool | None
KeyPath: TypeAlias = tuple[str | int, ...]

_BARE = re.compile(r"[A-Za-z_][\w-]*")


class Origin(Value, order=True):
    """Where something was said: a place in a file (line and column from 1), or a flag (line 0)."""

    source: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.source}:{self.line}" if self.line else self.source


class Node(Value):
    """A value with the origin of the value and of its key; `written` is a scalar as it stands in the file."""

    value: Scalar | Mapping[str, Node] | tuple[Node, ...]
    origin: Origin
    key: Origin
    written: str = ""

    def child(self, part: str | int) -> Node | None:
        """Return the value under a key or a list index, None where there is none."""
        if isinstance(self.value, Mapping) and isinstance(part, str):
            return self.value.get(part)
        if isinstance(self.value, tuple) and isinstance(part, int) and part < len(self.value):
            return self.value[part]
        return None


class Fault(Value, order=True):
    """A problem that still knows its origin, so that faults of many layers can be sorted."""

    origin: Origin
    what: str
    got: str = ""
    next_step: str = ""

    def problem(self) -> Problem:
        """Return the problem as it is shown."""
        return Problem(str(self.origin), self.what, self.got, self.next_step)


def plain(node: Node) -> object:
    """Return the bare value: dicts, lists and scalars."""
    if isinstance(node.value, Mapping):
        return {name: plain(child) for name, child in node.value.items()}
    if isinstance(node.value, tuple):
        return [plain(item) for item in node.value]
    return node.value


def walk(node: Node, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Node]]:
    """Yield every key below a mapping with its node, parents first; a list is one value."""
    if isinstance(node.value, Mapping):
        for name, child in node.value.items():
            yield (*path, name), child
            yield from walk(child, (*path, name))


def dotted(path: KeyPath) -> str:
    """Return a key as people write it: `services.redis.memory`, `models."qwen3-0.6b".source`, `list[2]`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            shown = part if _BARE.fullmatch(part) else json.dumps(part, ensure_ascii=False)
            text += f".{shown}" if text else shown
    return text
