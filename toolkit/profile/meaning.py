"""What a key means, in the words of reference.yaml: the comment that stands above it there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from toolkit.profile.yaml_source import read_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from toolkit.profile.tree import KeyPath, Node

_REFERS = re.compile(r"As in `([\w.]+)`")
_ENVIRONMENT = re.compile(r"in \w+: ")
# Below these every name is free, and the reference shows one.
_FREE = frozenset({"hosts", "models", "own_services"})


def meaning(profiles_dir: Path, path: KeyPath) -> str:
    """Return what the reference says of a key, "" where it says nothing; a section may refer to another one."""
    file = profiles_dir / "reference.yaml"
    root = read_file(file, file.name).node
    lines = file.read_text(encoding="utf-8").splitlines()
    return "" if root is None else _said(root, lines, [part for part in path if isinstance(part, str)])


def _said(root: Node, lines: Sequence[str], path: Sequence[str]) -> str:
    node, above = root, ""
    for number, part in enumerate(path):
        children = node.value if isinstance(node.value, dict) else {}
        free = number == 1 and path[0] in _FREE and part not in children
        found = next(iter(children.values()), None) if free else children.get(part)
        if found is None:
            return ""
        node, above = found, _comment(lines, found.key.line)
        refers = _REFERS.search(above)
        if refers is not None and number < len(path) - 1:
            other = _said(root, lines, [*refers[1].split("."), *path[number + 1 :]])
            if other:
                return other
    refers = _REFERS.search(above)
    return _said(root, lines, refers[1].split(".")) if refers is not None and len(path) > 2 else above


def _comment(lines: Sequence[str], line: int) -> str:
    first = line - 1
    while first > 0 and lines[first - 1].lstrip().startswith("#"):
        first -= 1
    texts = [text.lstrip(" #") for text in lines[first : line - 1]]
    return " ".join(text for text in texts if text and not _ENVIRONMENT.match(text))
