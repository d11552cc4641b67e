"""What differs between two rendered services: leaf by leaf, and line by line in their configurations."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from toolkit.values import Value

# Paths of published files carry a hash of the content: the content itself is compared.
_CONTENT_HASH = re.compile(r"""(\./files/[^/]+)/[0-9a-f]{12}(?=[/"]|$)""")
_LABELS = "labels"
Leaf = str | tuple[str, ...]


class Change(Value):
    """A leaf of a service's definition, with both values as they would be written; None where it is not there.

    Of a list these are the elements that only one side has, in their order.
    """

    path: str
    before: str | None
    after: str | None


class FileChange(Value):
    """A configuration file that differs; `lines` are those of a unified diff without its head."""

    path: str
    lines: tuple[str, ...]


def leaf_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    """Return the leaves that differ, by path; of lists only the elements, labels and content hashes not at all."""
    old, new = dict(_leaves(before)), dict(_leaves(after))
    return tuple(
        _change(path, old.get(path), new.get(path))
        for path in dict.fromkeys((*old, *new))
        if old.get(path) != new.get(path)
    )


def _change(path: str, before: Leaf | None, after: Leaf | None) -> Change:
    if isinstance(before, tuple) and isinstance(after, tuple):
        steps = difflib.SequenceMatcher(a=before, b=after, autojunk=False).get_opcodes()
        before = tuple(one for kind, a, b, _, _ in steps if kind != "equal" for one in before[a:b])
        after = tuple(one for kind, _, _, a, b in steps if kind != "equal" for one in after[a:b])
    return Change(path, _text(before), _text(after))


def _text(leaf: Leaf | None) -> str | None:
    return " ".join(leaf) if isinstance(leaf, tuple) else leaf


def file_changes(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[FileChange, ...]:
    """Return the files (texts by path) that differ, by name."""
    return tuple(
        FileChange(path, _lines(before.get(path, ""), after.get(path, "")))
        for path in sorted({*before, *after})
        if before.get(path) != after.get(path)
    )


def without_hash(path: str) -> str:
    """Return the path of a published file without the hash of its content: ./files/redis/redis.conf."""
    return _CONTENT_HASH.sub(r"\1", path)


def _leaves(body: Any, path: str = "") -> Iterator[tuple[str, Leaf]]:
    if isinstance(body, Mapping):
        for key, value in body.items():
            if path or key != _LABELS:
                yield from _leaves(value, f"{path}.{key}" if path else str(key))
        return
    yield path, tuple(_written(one) for one in body) if isinstance(body, list) else _written(body)


def _written(value: Any) -> str:
    return without_hash(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _lines(before: str, after: str) -> tuple[str, ...]:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return tuple(line for line in lines if not line.startswith(("---", "+++", "@@")))
