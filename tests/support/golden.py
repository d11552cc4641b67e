"""Golden trees: compared byte for byte, written anew with UPDATE_GOLDEN=1 (`make golden`)."""

from __future__ import annotations

import difflib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.rendering import tree_of

GOLDEN = Path(__file__).parents[1] / "golden"


def check_tree(case: str, tree: Mapping[str, bytes], golden: Path = GOLDEN) -> None:
    """Fail with a diff unless the golden tree `case` is exactly `tree`: a file too many counts as well."""
    directory = golden / case
    if os.environ.get("UPDATE_GOLDEN") == "1":
        _refuse_in_ci()
        _replace(directory, tree)
    report = differences(tree_of(directory), tree)
    assert not report, f"{case} differs from tests/golden (if that is meant: make golden)\n{report}"


def differences(golden: Mapping[str, bytes], tree: Mapping[str, bytes]) -> str:
    """Return what differs as people read it, "" where nothing does."""
    return "\n".join(
        _file_difference(path, golden.get(path), tree.get(path))
        for path in sorted({*golden, *tree})
        if golden.get(path) != tree.get(path)
    )


def _file_difference(path: str, golden: bytes | None, now: bytes | None) -> str:
    if now is None:
        return f"{path}: is no longer rendered"
    if golden is None:
        return f"{path}: is new"
    before, after = (text.decode("utf-8", "replace").splitlines() for text in (golden, now))
    lines = difflib.unified_diff(before, after, f"golden/{path}", f"rendered/{path}", n=1, lineterm="")
    return "\n".join(lines) or f"{path}: the bytes differ, the lines do not (line ends?)"


def _replace(directory: Path, tree: Mapping[str, bytes]) -> None:
    shutil.rmtree(directory, ignore_errors=True)
    for path, content in tree.items():
        file = directory / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


def _refuse_in_ci() -> None:
    if os.environ.get("CI") == "true":
        pytest.fail("golden trees are not rewritten where they are judged")
