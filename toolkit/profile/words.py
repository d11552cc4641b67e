"""Values and the values that are allowed, in plain words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from toolkit.profile.tree import Node, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

_LONGEST = 80
_LIMITS = (
    ("minimum", "at least"),
    ("exclusiveMinimum", "above"),
    ("maximum", "at most"),
    ("exclusiveMaximum", "below"),
)
_SIMPLE = {"boolean": "true or false", "null": "null", "object": "a mapping", "array": "a list"}


def value_words(node: Node) -> str:
    """Return a value as it was written, with its YAML type: `20.10 (a number)`, `"lots" (text)`."""
    value = node.value
    if isinstance(value, str):
        return _short(json.dumps(value, ensure_ascii=False)) + " (text)"
    if isinstance(value, Mapping | tuple):
        kind = "a mapping" if isinstance(value, Mapping) else "a list"
        return f"{_short(json.dumps(plain(node), ensure_ascii=False))} ({kind})"
    if value is None:
        return "null (nothing)"
    kind = {bool: "true or false", int: "a whole number"}.get(type(value), "a number")
    return f"{node.written} ({kind})"


def allowed_words(schemas: Sequence[Mapping[str, Any]]) -> str:
    """Return what any of the schemas allows: `a whole number from 16 to 20000 or null`."""
    return " or ".join(dict.fromkeys(_words(schema) for schema in schemas)) or "another value"


def _words(schema: Mapping[str, Any]) -> str:
    kind = schema.get("type")
    if "const" in schema or "enum" in schema:
        values = [f"`{value}`" for value in schema.get("enum", [schema.get("const")])]
        return ("one of " if len(values) > 1 else "") + ", ".join(values)
    if kind in {"integer", "number"}:
        return ("a whole number" if kind == "integer" else "a number") + _range_words(schema)
    if kind == "string":
        return _text_words(schema)
    if kind == "object" and "properties" in schema:
        return "a mapping with keys of " + ", ".join(schema["properties"])
    return _SIMPLE.get(str(kind), "any value")


def _text_words(schema: Mapping[str, Any]) -> str:
    if "examples" in schema:
        return "text such as " + " or ".join(str(example) for example in schema["examples"])
    return f"text of the form {schema['pattern']}" if "pattern" in schema else "text"


def _range_words(schema: Mapping[str, Any]) -> str:
    if "minimum" in schema and "maximum" in schema:
        return f" from {schema['minimum']} to {schema['maximum']}"
    said = " and ".join(f"{words} {schema[key]}" for key, words in _LIMITS if key in schema)
    return f" of {said}" if said.startswith("at ") else f" {said}".rstrip()


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."
