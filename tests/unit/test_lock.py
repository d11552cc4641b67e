"""One run at a time: with a second process as the other run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from toolkit.errors import BlockedError, LockHeldError
from toolkit.state.lock import holder, locked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOLD = """
import sys, time
from pathlib import Path
from toolkit.state.lock import locked
with locked(Path(sys.argv[1]), "up"):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def other_run(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Hold the lock in another process for as long as its stdin is open."""
    argv = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        yield other
        if other.stdin and not other.stdin.closed:
            other.stdin.close()


def take(path: Path, verb: str = "down") -> None:
    with locked(path, verb):
        pass


def test_the_holder_is_named_to_whoever_comes_second(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with other_run(path) as other:
        with pytest.raises(LockHeldError) as caught:
            take(path)
        held = holder(path)

    assert held is not None
    assert (held.pid, held.verb) == (other.pid, "up")
    assert caught.value.exit_code == 3
    assert str(caught.value) == (
        f"{path}: another run is at work here, so `down` does nothing\n"
        f"   got: toolkit up, pid {other.pid}, by {held.user} on {held.host} since {held.since}\n"
        f"  next: wait for its end, or interrupt it: kill -INT {other.pid}"
    )


def test_it_is_free_after_the_end(tmp_path: Path) -> None:
    with other_run(tmp_path / "lock"):
        pass

    take(tmp_path / "lock")
    assert (tmp_path / "lock").read_text() == ""


def test_it_is_free_after_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with other_run(path) as other:
        other.send_signal(signal.SIGKILL)
        other.wait()

        with locked(path, "down"):
            found = holder(path)

    assert found is not None
    assert (found.pid, found.verb) == (os.getpid(), "down")


def test_it_is_free_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(LookupError), locked(tmp_path / "lock", "up"):
        raise LookupError

    take(tmp_path / "lock")


def test_a_holder_that_has_not_written_its_name_yet(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with other_run(path):
        path.write_text("")
        with pytest.raises(LockHeldError) as caught:
            take(path)

    assert "got: a run that has not given its name\n" in str(caught.value)
    assert f"`fuser {path}` names it" in str(caught.value)


def test_programs_that_we_start_do_not_hold_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with locked(path, "up"):
        child = subprocess.Popen(["sleep", "30"], close_fds=False)
    try:
        take(path)
    finally:
        child.kill()
        child.wait()


def test_the_record_is_json_for_other_tools(tmp_path: Path) -> None:
    with locked(tmp_path / "lock", "up"):
        record = json.loads((tmp_path / "lock").read_text())

    assert sorted(record) == ["host", "pid", "since", "user", "verb"]
    assert record["since"].endswith("+00:00")


def test_a_lock_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    (tmp_path / "lock").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(BlockedError, match="the lock cannot be opened"):
        take(tmp_path / "lock")
