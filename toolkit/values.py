"""Frozen values at a fortieth of what a frozen dataclass takes to define: each run defines a hundred of them."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, TypeVar, dataclass_transform

from msgspec import DecodeError, Struct, field, json, structs, to_builtins

if TYPE_CHECKING:
    from collections.abc import Callable

    # mypy judges by the fields of both what is replaced.
    from dataclasses import replace  # noqa: TID251 - for its type only
else:

    def replace(one: Any, /, **changes: Any) -> Any:
        """Return a value or a dataclass with other fields, as `copy.replace` of Python 3.13 does."""
        of = structs.replace if isinstance(one, Struct) else dataclasses.replace  # noqa: TID251
        return of(one, **changes)


__all__ = ["Value", "as_plain", "field", "field_names", "fields_of", "from_json", "replace", "to_json"]

V = TypeVar("V", bound="Value")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
class Value(Struct, frozen=True):
    """What a subclass declares are its fields: compared, hashed and shown by them, never set again.

    `order=True` behind the base makes it sortable. Annotations are for readers and mypy: nothing is converted.
    """


def fields_of(value: Value) -> dict[str, Any]:
    """Return the fields by name, as they are."""
    return structs.asdict(value)


def as_plain(one: object) -> dict[str, Any]:
    """Return the fields of a value or a dataclass by name, those of values within, too; enums as what they stand for.

    Raises TypeError for what JSON has no word for.
    """
    return dict(to_builtins(one))


def field_names(kind: type[Value]) -> tuple[str, ...]:
    """Return the names of the fields in the order in which they were declared."""
    return kind.__struct_fields__


def to_json(value: Value, foreign: Callable[[Any], object]) -> bytes:
    """Return it as JSON for `from_json`; `foreign` gives plain values for what is neither plain nor a value."""
    return json.encode(value, enc_hook=foreign)


def from_json(kind: type[V], text: bytes) -> V:
    """Return what `to_json` gave, all of it of the types that are declared. Raises ValueError for anything else."""
    try:
        return json.decode(text, type=kind)
    except DecodeError as error:
        raise ValueError(str(error)) from error
