"""Every environment on every machine of tests/data: the whole rendered tree, byte for byte."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import golden
from tests.support.rendering import CASES, MACHINES, render_tree, tree_of


@pytest.mark.parametrize(("machine", "environment"), CASES)
def test_the_rendered_tree_is_the_golden_one(machine: str, environment: str, tmp_path: Path) -> None:
    tree = render_tree(machine, environment, tmp_path)

    golden.check_tree(f"{environment}-{machine}", tree_of(tree))
    assert {stat.S_IMODE(path.stat().st_mode) for path in tree.rglob("*") if path.is_file()} == {0o644}


def test_no_golden_tree_is_without_a_case() -> None:
    cases = {f"{environment}-{machine}" for machine, environment in CASES}
    assert {path.name for path in golden.GOLDEN.iterdir() if path.is_dir() and path.name[0] != "_"} == cases


def render_elsewhere(directory: Path, umask: int, **environ: str) -> dict[str, bytes]:
    """Render production in a process of its own."""
    directory.mkdir(parents=True)
    (directory / "toolkit.yaml").write_bytes((MACHINES / "cpu-online" / "toolkit.yaml").read_bytes())
    subprocess.run(
        [sys.executable, "-m", "toolkit", "render", "--env", "production"],
        cwd=directory,
        env={"PATH": os.environ["PATH"], "PYTHONWARNINGS": "error", **environ},
        umask=umask,
        check=True,
        capture_output=True,
    )
    return tree_of(directory / "build")


def test_neither_place_nor_time_nor_hash_seed_changes_a_byte(tmp_path: Path) -> None:
    here = render_elsewhere(tmp_path / "a", 0o022, TZ="UTC", PYTHONHASHSEED="1", LANG="C", HOME="/root")
    there = render_elsewhere(
        tmp_path / "b" / "deeper down",
        0o077,
        TZ="Pacific/Chatham",
        PYTHONHASHSEED="2",
        LANG="C.UTF-8",
        HOME="/",
    )

    assert "production/compose.yaml" in here
    assert golden.differences(here, there) == ""


def test_a_stale_a_missing_and_a_changed_file_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("UPDATE_GOLDEN", raising=False)
    for name, text in (("stale.conf", "x\n"), ("same.conf", "y\n"), ("changed.conf", "one\ntwo\n")):
        (tmp_path / "case").mkdir(exist_ok=True)
        (tmp_path / "case" / name).write_text(text)
    now = {"same.conf": b"y\n", "changed.conf": b"one\n2\n", "new.conf": b""}

    with pytest.raises(AssertionError) as caught:
        golden.check_tree("case", now, tmp_path)

    assert str(caught.value).startswith(
        "case differs from tests/golden (if that is meant: make golden)\n"
        "--- golden/changed.conf\n+++ rendered/changed.conf\n@@ -1,2 +1,2 @@\n one\n-two\n+2\n"
        "new.conf: is new\n"
        "stale.conf: is no longer rendered"
    )
