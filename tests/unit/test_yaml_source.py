"""YAML files are read strictly: what one can misread is refused at its line, all of it at once."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from toolkit.profile.tree import plain
from toolkit.profile.yaml_source import LOADER, read_file, read_text, read_value

if TYPE_CHECKING:
    from pathlib import Path

    from toolkit.profile.yaml_tree import Reading


@pytest.fixture(params=[LOADER, yaml.SafeLoader], ids=["libyaml", "pyyaml"])
def loader(request: pytest.FixtureRequest) -> Any:
    return request.param


def messages(reading: Reading) -> list[str]:
    return [fault.problem().as_text() for fault in sorted(reading.faults)]


def test_values_and_their_places(loader: Any) -> None:
    text = (
        "# top\nname: redis\nhealth:\n  retries: 3\n  share: 0.5\n  on_disk: false\n  rest: ~\nlist: [a, 1]\n"
    )
    reading = read_text(text, "t.yaml", loader)
    assert reading.faults == []
    assert reading.node is not None
    assert plain(reading.node) == {
        "name": "redis",
        "health": {"retries": 3, "share": 0.5, "on_disk": False, "rest": None},
        "list": ["a", 1],
    }
    health = reading.node.child("health")
    assert health is not None
    retries = health.child("retries")
    assert retries is not None
    assert (str(health.origin), str(retries.origin), retries.origin.column) == ("t.yaml:3", "t.yaml:4", 12)
    assert (str(retries.key), retries.key.column) == ("t.yaml:4", 3)


@pytest.mark.parametrize(
    ("word", "why"),
    [
        *((word, "is true or false to some readers") for word in ("yes", "No", "ON", "off", "y", "N")),
        *((word, "is taken for a number in base 60") for word in ("12:30", "1:00:05", "190:20:30.15")),
        *((word, "is the octal number 493") for word in ("0755",)),
        *((word, "is taken for a date") for word in ("2024-01-01", "2001-12-14t21:59:43.10-05:00")),
        *((word, "readers of YAML do not agree on") for word in ("1_000", "0x1f", "0b11", ".inf", ".nan")),
        *((word, "readers of YAML do not agree on") for word in ("1e3", "0o17", "9" * 5000)),
        ("=", "a meaning of its own"),
    ],
)
def test_scalars_that_can_be_misread_are_refused(loader: Any, word: str, why: str) -> None:
    reading = read_text(f"a: 1\nb: {word}\n", "t.yaml", loader)
    (message,) = messages(reading)
    assert message.startswith("t.yaml:2: ")
    assert why in message
    assert f"   got: b: {word}\n" in message
    assert f'"{word}" in quotes' in message
    assert not reading.broken


@pytest.mark.parametrize("word", ["yes", "12:30", "0755", "2024-01-01", "1e3", "=", "null", "8.0"])
def test_quotes_make_text_of_anything(loader: Any, word: str) -> None:
    for quoted in (f'"{word}"', f"'{word}'"):
        reading = read_text(f"{quoted}: {quoted}\n", "t.yaml", loader)
        assert reading.faults == []
        assert reading.node is not None
        assert plain(reading.node) == {word: word}


def test_keys_that_can_be_misread_are_refused(loader: Any) -> None:
    text = "on: 1\nsub:\n  8000: x\n  <<: {a: 1}\n  [a]: 1\nnull: 1\n"
    assert messages(read_text(text, "t.yaml", loader)) == [
        "t.yaml:1: `on` is true or false to some readers of YAML and text to others\n"
        "   got: the key `on`\n"
        '  next: write "on" in quotes where text is meant, else true or false',
        't.yaml:3: the key `8000` under `sub` is not text\n  next: write "8000" in quotes',
        "t.yaml:4: merge keys (`<<`) are not read in a profile\n"
        "   got: the key `<<` under `sub`\n"
        "  next: write the keys out",
        "t.yaml:5: a list or a mapping stands where a key is expected under `sub`\n"
        "  next: write a plain key; quote text that begins with { or [",
        't.yaml:6: the key `null` is not text\n  next: write "null" in quotes',
    ]


def test_duplicate_keys_name_both_lines(loader: Any) -> None:
    text = "services:\n  redis: {}\n  edge: {}\n  redis: {}\n"
    assert messages(read_text(text, "t.yaml", loader)) == [
        "t.yaml:4: the key `redis` is there twice: in line 2 and in line 4\n"
        "   got: services.redis\n"
        "  next: remove one of the two"
    ]


@pytest.mark.parametrize(
    ("value", "tag"),
    [
        ("!!python/object/apply:os.system [id]", "!!python/object/apply:os.system"),
        ("!mine {a: 1}", "!mine"),
        ("!!binary aGk=", "!!binary"),
    ],
)
def test_tags_are_refused(loader: Any, value: str, tag: str) -> None:
    (message,) = messages(read_text(f"a: {value}\n", "t.yaml", loader))
    assert message.startswith(f"t.yaml:1: the tag `{tag}` is not read in a profile\n")
    assert "next: remove the tag" in message


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("a:\n\tb: 1\n", 2, "a tab stands in the indentation"),
        ("a: b: c\n", 1, "a `:` stands where none can"),
        ("a: 1\nb\nc: 2\n", 2, "a key without its `:`"),
        ("a: 1\nb: 'x\nc: 2\n", 2, "a quote is opened and never closed"),
        ('a: "\\q"\n', 1, "an unknown escape in double quotes"),
        ("x: 1\na: [1, 2\nb: 3\n", 2, "a bracket is not closed, or a comma is missing"),
        ("x: 1\na: {b: 2\nc: 3\n", 2, "a bracket is not closed, or a comma is missing"),
        ("a:\n  - 1\n b: 2\n", 3, "the indentation does not fit the lines above"),
        ("- a\nb: 1\n", 2, "the indentation does not fit the lines above"),
        ("a: 1\n}\n", 2, "the indentation does not fit the lines above"),
        ("[a]\nb: 1\n", 2, "the file goes on after its top level has ended"),
        ("a: @x\n", 1, "a value cannot begin with this character"),
        ("a: *x\n", 1, "an alias (`*name`) without its anchor (`&name`)"),
        ("a: &x 1\nb: &x 2\n", 2, "an anchor is defined twice"),
        ("a: 1\n---\nb: 2\n", 2, "a second document begins here (`---`)"),
        ("a: 1\nb: \x07\n", 2, "a control character stands in the text"),
    ],
)
def test_broken_yaml_is_told_in_plain_words(loader: Any, text: str, line: int, what: str) -> None:
    reading = read_text(text, "t.yaml", loader)
    (message,) = messages(reading)
    assert message.startswith(f"t.yaml:{line}: broken YAML: {what}\n   got: ")
    assert "\n  next: " in message
    assert reading.broken
    assert reading.node is None


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n", "\n\n", "null\n"])
def test_a_file_without_content_says_nothing(loader: Any, text: str) -> None:
    reading = read_text(text, "t.yaml", loader)
    assert (reading.node, reading.faults, reading.broken) == (None, [], False)


@pytest.mark.parametrize(("text", "shown"), [("- a\n- b\n", "- a"), ("hello\n", "hello"), ("5\n", "5")])
def test_the_top_level_is_a_mapping(loader: Any, text: str, shown: str) -> None:
    assert messages(read_text(text, "t.yaml", loader)) == [
        f"t.yaml:1: the top level is not a mapping\n   got: {shown}\n  next: write `key: value` lines"
    ]


def test_anchors_repeat_a_value(loader: Any) -> None:
    reading = read_text("a: &x {b: 1}\nc: *x\n", "t.yaml", loader)
    assert reading.node is not None
    assert plain(reading.node) == {"a": {"b": 1}, "c": {"b": 1}}


BOMB = "a: &a [1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(
    f"{new}: &{new} [*{old}, *{old}, *{old}, *{old}, *{old}, *{old}]\n"
    for old, new in zip("abcdefg", "bcdefgh", strict=True)
)


@pytest.mark.parametrize("text", ["a: &x [*x]\n", BOMB, "a: " + "[" * 90 + "]" * 90])
def test_what_unfolds_without_end_is_refused(loader: Any, text: str) -> None:
    reading = read_text(text, "t.yaml", loader)
    (message,) = messages(reading)
    assert message.startswith("t.yaml:1: more than a profile can hold")
    assert reading.broken


@pytest.mark.parametrize(
    "text", ["[" * 1500, "[" * 1500 + "]" * 1500, "- " * 100_000, "{a: " * 100_000, "\n" * 2_000_000]
)
def test_nesting_beyond_what_a_parser_can_follow_is_refused(loader: Any, text: str) -> None:
    reading = read_text(text, "t.yaml", loader)
    (message,) = messages(reading)
    assert message.startswith("t.yaml:")
    assert ": more than a profile can hold" in message or ": broken YAML: " in message
    assert reading.broken


def test_all_faults_of_a_file_at_once(loader: Any) -> None:
    text = "a: yes\nb: 12:30\na: 0755\nc: !x 1\n"
    lines = [fault.origin.line for fault in read_text(text, "t.yaml", loader).faults]
    assert sorted(lines) == [1, 2, 3, 3, 4]


def test_a_missing_file(tmp_path: Path) -> None:
    assert messages(read_file(tmp_path / "t.yaml", "t.yaml")) == [
        f"t.yaml: the file is not there\n   got: {tmp_path}/t.yaml\n  next: create it, or correct its name"
    ]


def test_a_folder_in_place_of_a_file(tmp_path: Path) -> None:
    assert messages(read_file(tmp_path, "t.yaml")) == [
        "t.yaml: the file cannot be read\n"
        f"   got: {tmp_path}: Is a directory\n"
        "  next: make it a file that you may read"
    ]


def test_a_file_that_is_not_utf8(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_bytes("a: 1\nb: é\n".encode("latin-1"))
    reading = read_file(tmp_path / "t.yaml", "t.yaml")
    assert messages(reading) == ["t.yaml:2: the file is not UTF-8 text\n  next: save it as UTF-8"]
    assert reading.broken


def test_a_byte_order_mark_is_no_content(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_bytes("\ufeffa: é\n".encode())
    reading = read_file(tmp_path / "t.yaml", "t.yaml")
    assert reading.node is not None
    assert plain(reading.node) == {"a": "é"}


def test_the_value_of_a_flag_has_the_flag_as_its_origin() -> None:
    reading = read_value("{retries: 3}", "--set a", ("a",))
    assert reading.node is not None
    retries = reading.node.child("retries")
    assert retries is not None
    assert str(retries.origin) == "--set a"
    assert messages(read_value("yes", "--set a.b", ("a", "b"))) == [
        textwrap.dedent("""\
            --set a.b: `yes` is true or false to some readers of YAML and text to others
               got: a.b: yes
              next: write "yes" in quotes where text is meant, else true or false""")
    ]
