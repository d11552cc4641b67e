"""The JSON Schema of a layer, and what it says of one key: the keys below it, the values it takes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel

    from toolkit.profile.tree import KeyPath

Schema = dict[str, Any]


def json_schema() -> Schema:
    """Return the schema (draft 2020-12) of `toolkit.yaml` and every other layer; no key is required."""
    from toolkit.settings.root import Settings  # noqa: PLC0415 - the rest of this module does without pydantic

    return layer_schema(Settings)


def layer_schema(model: type[BaseModel]) -> Schema:
    """Return the schema of a part of `model`: a layer says only what it changes, so nothing is required."""
    schema: Schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    schema.update(_optional(model.model_json_schema(mode="validation")))
    return schema


def _optional(part: Any) -> Any:
    """Return the schema without `required`; `oneOf` becomes `anyOf`, since without it several may fit."""
    if isinstance(part, list):
        return [_optional(item) for item in part]
    if not isinstance(part, dict):
        return part
    kept = {key: _optional(value) for key, value in part.items() if not _is_required_list(key, value)}
    if "oneOf" in kept:
        kept["anyOf"] = kept.pop("oneOf")
    return kept


def _is_required_list(key: str, value: Any) -> bool:
    return key == "required" and isinstance(value, list)


def choices(root: Schema, path: KeyPath) -> list[Schema]:
    """Return each schema that the value at `path` may follow, `$ref` and `anyOf` resolved; [] if unknown."""
    found = list(_alternatives(root, root))
    for part in path:
        found = [way for one in found for child in _children(one, part) for way in _alternatives(root, child)]
    return found


def _alternatives(root: Schema, part: Schema) -> Iterator[Schema]:
    if "$ref" in part:
        yield from _alternatives(root, root["$defs"][part["$ref"].rpartition("/")[2]])
    elif "anyOf" in part:
        for one in part["anyOf"]:
            yield from _alternatives(root, one)
    else:
        yield part


def _children(part: Schema, name: str | int) -> list[Schema]:
    if isinstance(name, int):
        return [part["items"]] if isinstance(part.get("items"), dict) else []
    if name in part.get("properties", {}):
        return [part["properties"][name]]
    fitting = [one for form, one in part.get("patternProperties", {}).items() if re.search(form, name)]
    if fitting:
        return fitting
    rest = part.get("additionalProperties")
    return [rest] if isinstance(rest, dict) else []


def keys_of(root: Schema, path: KeyPath) -> list[str]:
    """Return the names that can stand directly below `path`."""
    return [name for one in choices(root, path) for name in one.get("properties", {})]


def keys_below(root: Schema, path: KeyPath = ()) -> Iterator[KeyPath]:
    """Yield every key that has a fixed name, parents first; what stands below a free name is left out."""
    for name in keys_of(root, path):
        yield (*path, name)
        yield from keys_below(root, (*path, name))


def next_keys(root: Schema, written: str) -> list[str]:
    """Return how a key that is being written can go on: `KEY=` where a value follows, `SECTION.` where keys do.

    Where only one section begins so, the keys in it: a shell would end the word after a single choice. Names that are
    free, such as those of models, are not guessed.
    """
    *above, begun = written.split(".")
    fitting = [(*above, name) for name in keys_of(root, tuple(above)) if name.startswith(begun)]
    if len(fitting) == 1 and keys_of(root, fitting[0]):
        fitting = [(*fitting[0], name) for name in keys_of(root, fitting[0])]
    return [".".join(path) + ("." if keys_of(root, path) else "=") for path in fitting]
