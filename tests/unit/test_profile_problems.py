"""What the model refuses is told at the line that said it, by key, in plain words."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, model_validator

from toolkit.profile.problems import validate
from toolkit.profile.yaml_source import read_text


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Limits(Section):
    memory: int = Field(ge=1, le=64)
    share: Annotated[float, Field(gt=0, le=1)] = 0.5
    positive: Annotated[int, Field(gt=0)] = 1


class Folder(Section):
    folder: str


class Server(Section):
    limits: Limits
    mode: Literal["fast", "exact"] = "fast"
    version: Literal["auto"] | Annotated[str, Field(pattern=r"^\d+\.\d+$")] = "auto"
    port: Literal["auto"] | Annotated[int, Field(ge=1, le=9)] = "auto"
    source: str | Folder = "none"
    flags: list[str] = []
    words: dict[str, str] = {}
    limit: int | None = None

    @model_validator(mode="after")
    def _exact_needs_one(self) -> Server:
        if self.mode == "exact" and self.limits.memory > 9:
            raise ValueError("mode exact takes a memory of at most 9")
        return self


class Root(Section):
    name: str
    server: Server
    enabled: bool = True


def told(text: str) -> list[str]:
    reading = read_text(text, "t.yaml")
    assert reading.node is not None
    result = validate(Root, reading.node)
    assert isinstance(result, list)
    return [fault.problem().as_text() for fault in sorted(result)]


def test_a_valid_tree_becomes_the_model() -> None:
    reading = read_text("name: a\nserver: {limits: {memory: 5, share: 1}, source: {folder: x}}\n", "t.yaml")
    assert reading.node is not None
    result = validate(Root, reading.node)
    assert isinstance(result, Root)
    assert (result.server.limits.memory, result.server.source) == (5, Folder(folder="x"))


def server(lines: str) -> str:
    return f"name: a\nserver:\n  limits: {{memory: 5}}\n  {lines}\n"


TYPE, FORM, CHOICE = "has the wrong type", "is not of the right form", "is not one of the allowed values"
MODES = "`fast`, `exact`"
VERSION = r"`auto` or text of the form ^\d+\.\d+$"


@pytest.mark.parametrize(
    ("lines", "what", "got", "allowed"),
    [
        ("mode: quick", f"mode` {CHOICE}", '"quick" (text)', f"one of {MODES}"),
        ("mode: 5", f"mode` {CHOICE}", "5 (a whole number)", f"one of {MODES}"),
        ("mode:", "mode` is empty", "null (nothing)", f"one of {MODES}"),
        ("version: 20.10", f"version` {TYPE}", "20.10 (a number)", f'{VERSION}, such as "20.10" in quotes'),
        ("version: 20", f"version` {TYPE}", "20 (a whole number)", VERSION),
        ("version: new", f"version` {FORM}", '"new" (text)', VERSION),
        ("port: 10", "port` is out of range", "10 (a whole number)", "`auto` or a whole number from 1 to 9"),
        ('port: "5"', f"port` {TYPE}", '"5" (text)', "`auto` or a whole number from 1 to 9"),
        ("flags: a", f"flags` {TYPE}", '"a" (text)', "a list"),
        ("flags: [a, 1]", f"flags[1]` {TYPE}", "1 (a whole number)", 'text, such as "1" in quotes'),
        ("words: {a: true}", f"words.a` {TYPE}", "true (true or false)", 'text, such as "true" in quotes'),
        ("words: [a]", f"words` {TYPE}", '["a"] (a list)', "a mapping"),
        ("limit: 1.5", f"limit` {TYPE}", "1.5 (a number)", "a whole number or null"),
        ("limit: {a: 1}", f"limit` {TYPE}", '{"a": 1} (a mapping)', "a whole number or null"),
    ],
)
def test_values(lines: str, what: str, got: str, allowed: str) -> None:
    assert told(server(lines)) == [f"t.yaml:4: `server.{what}\n   got: {got}\n  next: write {allowed}"]


def test_numbers_out_of_range_and_of_the_wrong_type() -> None:
    text = "name: a\nserver:\n  limits:\n    memory: 65\n    share: 0\n    positive: 0\nenabled: 1\n"
    assert told(text) == [
        "t.yaml:4: `server.limits.memory` is out of range\n"
        "   got: 65 (a whole number)\n"
        "  next: write a whole number from 1 to 64",
        "t.yaml:5: `server.limits.share` is out of range\n"
        "   got: 0 (a whole number)\n"
        "  next: write a number above 0 and at most 1",
        "t.yaml:6: `server.limits.positive` is out of range\n"
        "   got: 0 (a whole number)\n"
        "  next: write a whole number above 0",
        "t.yaml:7: `enabled` has the wrong type\n   got: 1 (a whole number)\n  next: write true or false",
    ]


def test_a_wrong_type_three_layers_deep() -> None:
    assert told("name: a\nserver:\n  limits:\n    memory: lots\n") == [
        "t.yaml:4: `server.limits.memory` has the wrong type\n"
        '   got: "lots" (text)\n'
        "  next: write a whole number from 1 to 64"
    ]


def test_a_section_that_is_a_value_or_empty() -> None:
    assert told("name: a\nserver: 5\n") == [
        "t.yaml:2: `server` has the wrong type\n"
        "   got: 5 (a whole number)\n"
        "  next: write a mapping with keys of limits, mode, version, port, source, flags, words, limit"
    ]
    assert told("name: a\nserver:\n  # nothing yet\n") == [
        "t.yaml:2: `server` is empty\n   got: null (nothing)\n  next: write keys below it, or remove the line"
    ]


def test_missing_keys_are_told_at_the_section_they_belong_to() -> None:
    assert told("server:\n  limits: {}\n") == [
        "t.yaml:1: `name` is missing\n  next: add `name:` with text",
        "t.yaml:2: `server.limits.memory` is missing\n  next: add `memory:` with a whole number from 1 to 64",
    ]


EVERY_KEY = "`toolkit profile schema` lists every key"


@pytest.mark.parametrize(
    ("text", "line", "key", "hint"),
    [
        (server("mdoe: fast"), 4, "server.mdoe", "did you mean `server.mode`?"),
        (server("Mode: fast"), 4, "server.Mode", "did you mean `server.mode`?"),
        (server("memory: 5"), 4, "server.memory", "did you mean `server.limits.memory`?"),
        (server("enabled: true"), 4, "server.enabled", "did you mean `enabled`?"),
        (
            server("xyz: 1"),
            4,
            "server.xyz",
            "known here: limits, mode, version, port, source, flags, words, limit",
        ),
        ("name: a\nmode: fast\nserver: {limits: {memory: 1}}\n", 2, "mode", "did you mean `server.mode`?"),
        (server("? 'x.y'\n  : 1"), 4, 'server."x.y"', "known here: limits,"),
    ],
)
def test_unknown_keys_get_the_nearest_one(text: str, line: int, key: str, hint: str) -> None:
    (message,) = told(text)
    assert message.startswith(f"t.yaml:{line}: unknown key `{key}`\n   got: ")
    assert f"  next: {hint}" in message
    assert message.endswith(EVERY_KEY)


def test_no_key_is_told_twice_for_the_branches_of_a_union() -> None:
    assert told(server("source: 5")) == [
        "t.yaml:4: `server.source` has the wrong type\n"
        "   got: 5 (a whole number)\n"
        '  next: write text or a mapping with keys of folder, such as "5" in quotes'
    ]
    assert told(server("source: {folder: 5}")) == [
        "t.yaml:4: `server.source.folder` has the wrong type\n"
        "   got: 5 (a whole number)\n"
        '  next: write text, such as "5" in quotes'
    ]


def test_values_that_do_not_go_together() -> None:
    assert told("name: a\nserver: {limits: {memory: 10}, mode: exact}\n") == [
        "t.yaml:2: `server`: mode exact takes a memory of at most 9\n"
        "  next: change one of the values; `toolkit profile show` says where each comes from"
    ]


def test_all_at_once_and_without_the_words_of_the_library() -> None:
    messages = told("nam: a\nserver:\n  limits: {memory: x}\n  mode: 1\n  words: 5\nenabled: perhaps\n")
    assert [message.split(":")[1] for message in messages] == ["1", "1", "3", "4", "5", "6"]
    words = "\n".join(messages).lower()
    assert not any(
        jargon in words for jargon in ("pydantic", "input", "validat", "dict", "none", "bool", "str_", "int_")
    )
