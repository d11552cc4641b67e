"""A published tree is whole at every moment: a full disk, a kill, a second run."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.disks import as_root
from toolkit.errors import PublishError
from toolkit.publish import Difference, differences, publish
from toolkit.render.bundle import Bundle, RenderedFile


def bundle(**texts: str) -> Bundle:
    """Return a bundle of compose.yaml and files by path, `/` written as `__`."""
    paths = {
        name.replace("__", "/").replace("compose_yaml", "compose.yaml"): text for name, text in texts.items()
    }
    return Bundle({path: RenderedFile(text, 0o644, "test") for path, text in paths.items()}, {}, {})


OLD = bundle(compose_yaml="files: files/redis/1\n", files__redis__1="one\n", edge__cfg="old\n")
NEW = bundle(compose_yaml="files: files/redis/2\n", files__redis__2="two\n", edge__cfg="new\n")


def tree(directory: Path) -> dict[str, str]:
    return {str(p.relative_to(directory)): p.read_text() for p in directory.rglob("*") if p.is_file()}


def texts(bundle: Bundle) -> dict[str, str]:
    return {path: file.text for path, file in bundle.files.items()}


def test_everything_is_written_at_first_and_nothing_the_second_time(tmp_path: Path) -> None:
    written = publish(OLD, tmp_path / "build" / "testing")

    assert {(d.path, d.kind) for d in written} == {(path, "missing") for path in OLD.files}
    assert tree(tmp_path / "build" / "testing") == texts(OLD)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    assert publish(OLD, tmp_path / "build" / "testing") == ()
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_only_what_differs_is_written_and_older_files_stay(tmp_path: Path) -> None:
    publish(OLD, tmp_path)
    (tmp_path / "notes").write_text("mine")

    assert publish(NEW, tmp_path) == (
        Difference("compose.yaml", "changed"),
        Difference("edge/cfg", "changed"),
        Difference("files/redis/2", "missing"),
    )
    assert tree(tmp_path) == {**texts(OLD), **texts(NEW), "notes": "mine"}


def test_looking_changes_nothing(tmp_path: Path) -> None:
    assert [d.kind for d in differences(OLD, tmp_path / "not there")] == ["missing"] * 3
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("umask", [0o022, 0o077, 0o000])
def test_containers_of_other_users_can_read_it_whatever_the_umask(umask: int, tmp_path: Path) -> None:
    before = os.umask(umask)
    try:
        publish(OLD, tmp_path / "testing")
    finally:
        os.umask(before)

    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in (tmp_path / "testing").rglob("*")}
    assert {modes["redis"], modes["edge"]} == {0o755}
    assert {modes["1"], modes["cfg"], modes["compose.yaml"]} == {0o644}


@as_root
def test_a_full_disk_leaves_the_old_tree_and_no_scrap(small_disk: Path) -> None:
    publish(OLD, small_disk / "testing")
    big = Bundle({**NEW.files, "files/big/3": RenderedFile("x" * 100_000, 0o644, "test")}, {}, {})

    with pytest.raises(PublishError) as caught:
        publish(big, small_disk / "testing")

    assert str(caught.value) == (
        f"{small_disk}/testing: the disk is full; nothing was published\n"
        "   got: [Errno 28] No space left on device\n"
        "  next: free some space (`df -h .`), then run it again"
    )
    assert caught.value.exit_code == 3
    assert tree(small_disk / "testing") == texts(OLD)
    assert [p.name for p in (small_disk / "testing").iterdir() if p.name.startswith(".")] == []

    assert len(publish(NEW, small_disk / "testing")) == 3
    assert tree(small_disk / "testing") == {**texts(OLD), **texts(NEW)}


def test_a_directory_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "build").write_text("in the way")

    with pytest.raises(PublishError) as caught:
        publish(OLD, tmp_path / "build" / "testing")

    assert str(caught.value) == (
        f"{tmp_path}/build/testing: the rendered tree cannot be written\n"
        f"   got: [Errno 20] Not a directory: '{tmp_path}/build/testing'\n"
        "  next: make the directory writable for this user, or choose another one with --project-dir"
    )


# The hook sees each rename before the kernel does: there the process is killed, as by `kill -9`.
KILLED = """
import os, signal, sys
from pathlib import Path
from tests.unit.test_publish import NEW
from toolkit.publish import publish
renames_left = [None] * int(sys.argv[2])
def watch(event, details):
    if event == "os.rename":
        print(os.path.basename(details[1]), flush=True)
        renames_left.pop() if renames_left else os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(watch)
publish(NEW, Path(sys.argv[1]))
"""


def publish_until_killed(directory: Path, renames: int) -> tuple[int, list[str]]:
    """Publish NEW until the rename after `renames`; return the exit code and what was renamed."""
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(directory), str(renames)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout.split()


def test_the_compose_file_is_placed_last(tmp_path: Path) -> None:
    publish(OLD, tmp_path)
    code, renamed = publish_until_killed(tmp_path, 99)
    assert (code, renamed) == (0, ["cfg", "2", "compose.yaml"])
    assert tree(tmp_path) == {**texts(OLD), **texts(NEW)}


@pytest.mark.parametrize("renames", [0, 1, 2])
def test_a_kill_leaves_each_file_old_or_new_and_the_next_run_finishes(renames: int, tmp_path: Path) -> None:
    publish(OLD, tmp_path)

    code, renamed = publish_until_killed(tmp_path, renames)

    assert code == -9
    assert len(renamed) == renames + 1
    left = {path: text for path, text in tree(tmp_path).items() if not path.startswith(".staging-")}
    assert left["compose.yaml"] == texts(OLD)["compose.yaml"]
    assert left["edge/cfg"] == ("new\n" if renames else "old\n")
    assert left["files/redis/1"] == "one\n"
    assert [p.name for p in tmp_path.glob(".staging-*")] != []

    publish(NEW, tmp_path)
    assert tree(tmp_path) == {**texts(OLD), **texts(NEW)}
