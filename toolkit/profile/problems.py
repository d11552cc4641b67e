"""Validation of the merged layers: each complaint of the model becomes a fault at the line that caused it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from toolkit.planning.removed_options import removed_setting
from toolkit.profile.nearest import key_hint
from toolkit.profile.schema import Schema, choices, layer_schema
from toolkit.profile.tree import Fault, KeyPath, Node, dotted, plain
from toolkit.profile.words import allowed_words, value_words

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

Model = TypeVar("Model", bound=BaseModel)

_EVERY_KEY = "`toolkit profile schema` lists every key"
_WHERE_FROM = "change one of the values; `toolkit profile show` says where each comes from"
_CHOICE = ("literal_error", "enum")
_RANGE = ("greater_than", "less_than", "multiple_of", "too_long", "too_short", "finite_number")


def validate(model: type[Model], merged: Node) -> Model | list[Fault]:
    """Return the model of what the layers say together, or every fault it has, one for each key."""
    try:
        return model.model_validate(plain(merged))
    except ValidationError as error:
        return _faults(error.errors(include_url=False), merged, layer_schema(model))


def _faults(errors: Sequence[ErrorDetails], merged: Node, schema: Schema) -> list[Fault]:
    by_path: dict[KeyPath, list[ErrorDetails]] = {}
    for error in errors:
        by_path.setdefault(_path(error, merged), []).append(error)
    told = {path: group for path, group in by_path.items() if not _is_shadowed(path, by_path)}
    return [_fault(path, group, merged, schema) for path, group in told.items()]


def _path(error: ErrorDetails, merged: Node) -> KeyPath:
    """Return the key an error is about; its `loc` also names branches of unions, which are no keys."""
    node, path = merged, ()  # type: tuple[Node, KeyPath]
    for part in error["loc"]:
        child = node.child(part)
        if child is not None:
            node, path = child, (*path, part)
    return (*path, error["loc"][-1]) if error["type"] == "missing" else path


def _is_shadowed(path: KeyPath, by_path: Mapping[KeyPath, object]) -> bool:
    """Whether another branch of a union got deeper: then this one, which did not fit at all, is not told."""
    return any(len(other) > len(path) and other[: len(path)] == path for other in by_path)


def _fault(path: KeyPath, group: Sequence[ErrorDetails], merged: Node, schema: Schema) -> Fault:
    node, types = _nearest_node(merged, path), {error["type"] for error in group}
    if "missing" in types:
        allowed = allowed_words(choices(schema, path))
        return Fault(node.key, f"`{dotted(path)}` is missing", "", f"add `{path[-1]}:` with {allowed}")
    if "extra_forbidden" in types:
        gone = removed_setting("vllm", str(path[-1])) if "flags" in path else None
        hint = gone.text if gone is not None else f"{key_hint(schema, path)} {_EVERY_KEY}"
        return Fault(node.key, f"unknown key `{dotted(path)}`", value_words(node), hint)
    texts = [str(error["ctx"]["error"]) for error in group if error["type"] == "value_error"]
    if texts and isinstance(node.value, Mapping):
        return Fault(node.key, f"`{dotted(path)}`: {texts[0]}" if path else texts[0], "", _WHERE_FROM)
    what = f"`{dotted(path)}` {_complaint(types, node)}"
    return Fault(node.origin, what, value_words(node), _next_step(texts, choices(schema, path), node))


def _nearest_node(merged: Node, path: KeyPath) -> Node:
    node = merged
    for part in path:
        node = node.child(part) or node
    return node


def _complaint(types: set[str], node: Node) -> str:
    if node.value is None:
        return "is empty"
    if any(kind.endswith("_type") for kind in types):
        return "has the wrong type"
    if any(kind.startswith(_RANGE) for kind in types):
        return "is out of range"
    return "is not one of the allowed values" if types <= set(_CHOICE) else "is not of the right form"


def _next_step(texts: Sequence[str], schemas: Sequence[Schema], node: Node) -> str:
    if node.value is None and any(schema.get("type") == "object" for schema in schemas):
        return "write keys below it, or remove the line"
    nothing = [schema for schema in schemas if schema.get("type") == "null"]
    words = [texts[0], *([allowed_words(nothing)] if nothing else [])] if texts else [allowed_words(schemas)]
    quotes = f', such as "{node.written}" in quotes' if _lacks_quotes(schemas, node) else ""
    return f"write {' or '.join(words)}{quotes}"


def _lacks_quotes(schemas: Sequence[Mapping[str, Any]], node: Node) -> bool:
    """Whether the number or truth value would be right if it were text."""
    texts = [s for s in schemas if s.get("type") == "string" and not {"const", "enum"} & s.keys()]
    fits = any(re.search(schema.get("pattern", ""), node.written) for schema in texts)
    return fits and isinstance(node.value, bool | int | float)
