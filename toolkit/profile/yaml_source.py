"""YAML text → a tree of values with their lines, strict: what readers of YAML disagree on is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml
from yaml.reader import Reader

from toolkit.profile.tree import KeyPath, Origin
from toolkit.profile.yaml_errors import explain_syntax
from toolkit.profile.yaml_scalars import TAG
from toolkit.profile.yaml_tree import Reading, TooMuchError, TreeBuilder

if TYPE_CHECKING:
    from pathlib import Path

# libyaml's parser is ten times faster; PyYAML has it wherever it was built with it.
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_LONGEST = 1_000_000
_MOST_OPENINGS = 5_000
_TOO_MUCH = "more than a profile can hold: thousands of values, or an anchor that contains itself"


def read_file(path: Path, source: str) -> Reading:
    """Read a file that is called `source` in messages; whatever is wrong with it becomes faults."""
    reading, place = Reading(source), Origin(source)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n")
        reading.stop(reading.at(line, 0), "the file is not UTF-8 text", "", "save it as UTF-8")
    except FileNotFoundError:
        reading.stop(place, "the file is not there", str(path), "create it, or correct its name")
    except OSError as error:
        next_step = "make it a file that you may read"
        reading.stop(place, "the file cannot be read", f"{path}: {error.strerror}", next_step)
    else:
        return read_text(text, source)
    return reading


def read_text(text: str, source: str, loader: Any = LOADER) -> Reading:
    """Read one document whose top level is a mapping, or that says nothing at all (`node` is None)."""
    reading = Reading(source)
    root = _compose(text, reading, loader)
    if root is None or (isinstance(root, yaml.ScalarNode) and root.tag == f"{TAG}null"):
        return reading
    _build(root, reading)
    if not isinstance(root, yaml.MappingNode) and not reading.broken:
        first_line = text.strip().splitlines()[0][:80]
        where = reading.at(root.start_mark.line, root.start_mark.column)
        reading.stop(where, "the top level is not a mapping", first_line, "write `key: value` lines")
    return reading


def read_value(text: str, source: str, path: KeyPath = ()) -> Reading:
    """Read the value that a flag gives the key `path`, by the same rules; every origin in it is the flag."""
    reading = Reading(source, is_file=False)
    root = _compose(text, reading, LOADER)
    if root is not None:
        _build(root, reading, path)
    return reading


def _compose(text: str, reading: Reading, loader: Any) -> yaml.Node | None:
    # Nodes are made recursively, in C: too many levels, each opened by one of these, kill the interpreter.
    if len(text) > _LONGEST or sum(map(text.count, "[{-?")) > _MOST_OPENINGS:
        reading.stop(reading.at(0, 0), _TOO_MUCH, f"{len(text)} characters", "write less")
        return None
    strange = Reader.NON_PRINTABLE.search(text)
    if strange:
        where = reading.at(text.count("\n", 0, strange.start()), 0)
        what = "broken YAML: a control character stands in the text"
        reading.stop(where, what, f"U+{ord(strange[0]):04X}", "remove it")
        return None
    try:
        return yaml.compose(text, Loader=loader)
    except yaml.MarkedYAMLError as error:
        line, column, what, got, next_step = explain_syntax(error, text)
        reading.stop(reading.at(line, column), what, got, next_step)
    except RecursionError:
        reading.stop(reading.at(0, 0), "broken YAML: values are nested too deep", "", "nest less")
    return None


def _build(root: yaml.Node, reading: Reading, path: KeyPath = ()) -> None:
    try:
        reading.node = TreeBuilder(reading).build(root, path)
    except TooMuchError as error:
        reading.stop(reading.at(root.start_mark.line, 0), _TOO_MUCH, str(error), "write the values out")
