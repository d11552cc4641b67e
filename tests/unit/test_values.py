"""Values: never set again, compared by their fields, and there and back as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import pytest

from toolkit.values import Value, as_plain, field, field_names, fields_of, from_json, replace, to_json


class Colour(StrEnum):
    RED = "red"


class Part(Value, order=True):
    name: str
    size: int = 1


class Whole(Value):
    parts: tuple[Part, ...]
    colour: Colour = Colour.RED
    notes: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Around:
    """A dataclass that holds a value, as routines have some."""

    part: Part
    name: str


class Stranger:
    """Nothing that JSON has a word for."""


WHOLE = Whole((Part("a"), Part("b", 2)), notes={"n": 1})


def test_a_value_is_never_set_again() -> None:
    with pytest.raises(AttributeError):
        WHOLE.parts[0].size = 2  # type: ignore[misc]
    with pytest.raises(AttributeError):
        WHOLE.unknown = 2  # type: ignore[attr-defined]
    assert WHOLE.parts[0].size == 1


def test_values_are_compared_hashed_and_ordered_by_their_fields() -> None:
    assert {Part("a"), Part("a", 1), Part("a", 2)} == {Part("a", 2), Part("a")}
    assert sorted([Part("b"), Part("a", 2), Part("a")]) == [Part("a"), Part("a", 2), Part("b")]
    assert repr(Part("a")) == "Part(name='a', size=1)"


def test_what_is_made_anew_is_not_shared() -> None:
    assert Whole(()).notes == {}
    assert Whole(()).notes is not Whole(()).notes


def test_values_and_dataclasses_are_replaced_alike() -> None:
    assert replace(WHOLE, parts=()) == Whole((), notes={"n": 1})
    assert replace(Around(Part("a"), "one"), name="two") == Around(Part("a"), "two")
    with pytest.raises(TypeError):
        replace(WHOLE, unknown=1)  # type: ignore[call-arg]


def test_the_fields_are_known_by_name() -> None:
    assert field_names(Whole) == ("parts", "colour", "notes")
    assert fields_of(WHOLE) == {"parts": (Part("a"), Part("b", 2)), "colour": Colour.RED, "notes": {"n": 1}}


def test_plain_is_plain_all_the_way_down() -> None:
    parts = ({"name": "a", "size": 1}, {"name": "b", "size": 2})
    assert as_plain(WHOLE) == {"parts": parts, "colour": "red", "notes": {"n": 1}}
    assert as_plain(Around(Part("a"), "one")) == {"part": parts[0], "name": "one"}
    with pytest.raises(TypeError):
        as_plain(replace(WHOLE, notes={"n": Stranger()}))


def test_json_comes_back_as_it_was_without_what_is_no_field() -> None:
    text = to_json(replace(WHOLE, notes={"n": Stranger()}), lambda one: type(one).__name__)

    assert from_json(Whole, text) == replace(WHOLE, notes={"n": "Stranger"})
    assert from_json(Part, b'{"name": "a", "later": true}') == Part("a")


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b'{"name": 1}', b'{"name": "a", "size": "1"}'])
def test_json_of_anything_else_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"truncated|Expected|missing"):
        from_json(Part, text)
