"""What would change a derived value: each setting behind it is moved a little, and everything planned again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel

from toolkit.errors import UsageError
from toolkit.planning.build import build_plan
from toolkit.planning.plan import Reason
from toolkit.settings.root import Settings
from toolkit.values import Value

KeyPath = tuple[str | int, ...]
# A little first; where a step function does not move by that, twice and half.
_FACTORS = (1.1, 2.0, 0.9, 0.5)


class Change(Value):
    """A setting, which way it was moved (larger, smaller, true, false), and what became of the value."""

    key: str
    moved: str
    then: Literal["larger", "smaller", "another", "gone", "refused", "the same"]
    why: str = ""


def changes(settings: Settings, key: str, causes: Mapping[str, KeyPath]) -> tuple[Change, ...]:
    """Return what becomes of the reason `key` when each of `causes`, by its key, is moved; text is not moved.

    The first move that changes the value counts; one without any effect is told as such: a floor or a ceiling holds.
    """
    before = build_plan(settings).reasons[key]
    found = (_change(settings, key, before, cause, path) for cause, path in causes.items())
    return tuple(change for change in found if change is not None)


def _change(settings: Settings, key: str, before: Reason, cause: str, path: KeyPath) -> Change | None:
    results = [_tried(settings, key, before, cause, path, *move) for move in _moves(_at(settings, path))]
    if not results:
        return None
    told = [one for one in results if one.then not in {"the same", "refused"}]
    refused = [one for one in results if one.then == "refused"]
    return (told or refused or [Change(cause, "larger or smaller", "the same")])[0]


def _moves(value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, bool):
        yield ("false" if value else "true"), not value
    elif isinstance(value, int):
        for factor in _FACTORS:
            moved = max(1, round(value * factor)) + (1 if factor > 1 and value * factor < value + 1 else 0)
            if moved != value:
                yield ("larger" if moved > value else "smaller"), moved
    elif isinstance(value, float):
        for factor in _FACTORS:
            yield ("larger" if factor > 1 else "smaller"), value * factor


def _tried(
    settings: Settings, key: str, before: Reason, cause: str, path: KeyPath, moved: str, value: object
) -> Change:
    try:
        after = build_plan(_with(settings, path, value)).reasons.get(key)
    except UsageError as error:
        return Change(cause, moved, "refused", error.problems[0].what)
    if after is None:
        return Change(cause, moved, "gone")
    return Change(cause, moved, _compared(before.value, after.value))


def _compared(before: object, after: object) -> Literal["larger", "smaller", "another", "the same"]:
    if before == after:
        return "the same"
    if isinstance(before, int | float) and isinstance(after, int | float):
        return "larger" if after > before else "smaller"
    return "another"


def _at(node: Any, path: Sequence[str | int]) -> object:
    for part in path:
        node = getattr(node, str(part)) if isinstance(node, BaseModel) else node[part]
    found: object = node
    return found


def _with(settings: Settings, path: KeyPath, value: object) -> Settings:
    moved: Settings = _replaced(settings, path, value)
    return moved


def _replaced(node: Any, path: KeyPath, value: object) -> Any:
    """Return a copy with another value at `path`; bounds of single values are not asked again."""
    if not path:
        return value
    part, rest = path[0], path[1:]
    if isinstance(node, dict):
        return {**node, part: _replaced(node[part], rest, value)}
    if isinstance(node, list):
        return [_replaced(one, rest, value) if i == part else one for i, one in enumerate(node)]
    assert isinstance(node, BaseModel)  # noqa: S101 - nothing else is in settings
    return node.model_copy(update={str(part): _replaced(getattr(node, str(part)), rest, value)})
