"""What all layers say together, each value with its origin: as YAML with comments, and for machines."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from toolkit.errors import UsageError
from toolkit.profile.layers import Layer, merge_layers
from toolkit.profile.names import unknown
from toolkit.profile.tree import Node, Origin, dotted, plain, walk
from toolkit.profile.yaml_source import read_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_MAYBE_BARE = re.compile(r"[\w./][\w./:+-]*")


def show_text(merged: Node) -> str:
    """Return YAML that says the same as all layers together; each value's line ends in its origin."""
    lines = list(_lines(merged, 0))
    width = max((len(text) for text, _ in lines), default=0)
    return "".join(f"{text.ljust(width)}  # {origin}\n" if origin else f"{text}\n" for text, origin in lines)


def show_json(merged: Node) -> dict[str, dict[str, object]]:
    """Return `{"services.redis.memory": {"value": "16GiB", "origin": "profiles/base.yaml:70"}, ...}`."""
    return {
        dotted(path): {"value": plain(node), "origin": str(node.origin)}
        for path, node in walk(merged)
        if not (isinstance(node.value, Mapping) and node.value)
    }


def one_layer(layers: Sequence[Layer], name: str) -> Node:
    """Return what the layers called `name` say, in force or not. Raises UsageError that names those that are there."""
    found = [layer for layer in layers if layer.name == name]
    if not found:
        origin = Origin("--layer")
        there = tuple(dict.fromkeys(layer.name for layer in layers))
        raise UsageError(unknown("layer", Node(name, origin, origin), there).problem())
    return merge_layers(found)


def _lines(node: Node, depth: int) -> Iterator[tuple[str, str]]:
    """Yield each line of a mapping with the origin of its value, empty for a section."""
    children = node.value if isinstance(node.value, Mapping) else {}
    for name, child in children.items():
        key = "  " * depth + _text(name)
        if isinstance(child.value, Mapping) and child.value:
            yield f"{key}:", ""
            yield from _lines(child, depth + 1)
        else:
            yield f"{key}: {_flow(child)}", str(child.origin)


def _flow(node: Node) -> str:
    """Return a value on one line."""
    if isinstance(node.value, Mapping):
        return "{" + ", ".join(f"{_text(name)}: {_flow(child)}" for name, child in node.value.items()) + "}"
    if isinstance(node.value, tuple):
        return "[" + ", ".join(_flow(item) for item in node.value) + "]"
    if isinstance(node.value, str):
        return _text(node.value)
    return json.dumps(node.value) if node.value is None or isinstance(node.value, bool) else node.written


def _text(text: str) -> str:
    """Return text bare where it reads back as the same text, else in quotes."""
    if _MAYBE_BARE.fullmatch(text):
        reading = read_value(text, "")
        if reading.node is not None and reading.node.value == text and not reading.faults:
            return text
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\U{ord(c):08X}" for c in quoted)
