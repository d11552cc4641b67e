"""One value of a profile's text changed in its place: every comment and every other line stays as people wrote it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml

from toolkit.errors import Problem, UsageError

Value = str | int | float | bool
_STEP = 2


def with_value(text: str, key: str, value: Value, where: str) -> str:
    """Return `text` with `value` at the dotted `key`, which is added where it is missing.

    Raises UsageError, naming `where`, for a text that cannot be changed so that nothing else changes: one with an
    anchor in the way, or where a list or plain value stands in place of a section.
    """
    path = key.split(".")
    edited = _edited(text, path, word_of(value))
    if edited is None or _read(edited) != _expected(_read(text), path, value):
        step = f"write it by hand: {key}: {word_of(value)}"
        raise UsageError(
            Problem(where, f"`{key}` cannot be changed there without touching the rest", "", step)
        )
    return edited


def _read(text: str) -> Any:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return None


def _expected(tree: Any, path: Sequence[str], value: Value) -> Any:
    below = tree if isinstance(tree, dict) else {}
    first, *rest = path
    return {**below, first: _expected(below.get(first), rest, value) if rest else value}


def word_of(value: Value) -> str:
    """Return the value as YAML writes it."""
    said: str = yaml.safe_dump(value, width=4096)
    return said.strip().removesuffix("\n...")


def _edited(text: str, path: Sequence[str], word: str) -> str | None:
    # Not the parser in C: its marks count otherwise.
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if root is None or not isinstance(root, yaml.MappingNode):
        return _after_line(text, text.count("\n"), _lines(path, word, 0)) if _read(text) is None else None
    node: yaml.MappingNode = root
    for depth, name in enumerate(path):
        pair = next(((k, v) for k, v in node.value if k.value == name), None)
        if pair is None:
            return _added(text, node, path[depth:], word)
        name_node, child = pair
        if depth == len(path) - 1:
            return _replaced(text, child, word)
        if isinstance(child, yaml.ScalarNode) and child.value in {"", "null", "~"} and not node.flow_style:
            lines = _lines(path[depth + 1 :], word, name_node.start_mark.column + _STEP)
            return _after_line(_replaced(text, child, "") or text, name_node.start_mark.line, lines)
        if not isinstance(child, yaml.MappingNode):
            return None
        node = child
    return None


def _replaced(text: str, node: yaml.Node, word: str) -> str | None:
    if not isinstance(node, yaml.ScalarNode):
        return None
    start, end = node.start_mark.index, node.end_mark.index
    gap = " " if word and text[start - 1 : start] == ":" else ""
    return text[:start] + gap + word + text[end:]


def _added(text: str, node: yaml.MappingNode, path: Sequence[str], word: str) -> str:
    if node.flow_style:
        end = node.end_mark.index - 1
        inside = "".join(f"{name}: {{" for name in path[:-1]) + f"{path[-1]}: {word}" + "}" * (len(path) - 1)
        before = text[:end].rstrip()
        return before + (", " if node.value else "") + inside + text[end:]
    last = max((_last_line(value) for _, value in node.value), default=node.start_mark.line)
    return _after_line(text, last, _lines(path, word, node.start_mark.column))


def _last_line(node: yaml.Node) -> int:
    """Return the line that the value ends in; a block ends before the comments and empty lines that follow it."""
    if isinstance(node, yaml.ScalarNode):
        return node.end_mark.line - 1 if node.style in {"|", ">"} else node.end_mark.line
    if not isinstance(node, yaml.CollectionNode) or node.flow_style or not node.value:
        return int(node.end_mark.line)
    last = node.value[-1]
    return _last_line(last[1] if isinstance(last, tuple) else last)


def _lines(path: Sequence[str], word: str, indent: int) -> str:
    """Return the nested lines of a key, the last with its value."""
    names = [" " * (indent + _STEP * depth) + f"{name}:" for depth, name in enumerate(path)]
    return "\n".join(names) + f" {word}\n"


def _after_line(text: str, line: int, addition: str) -> str:
    lines = text.splitlines(keepends=True)
    before = "".join(lines[: line + 1])
    if before and not before.endswith("\n"):
        before += "\n"
    return before + addition + "".join(lines[line + 1 :])
