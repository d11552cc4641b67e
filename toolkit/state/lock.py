"""One run at a time in each environment: a lock that the kernel gives back even after kill -9."""

from __future__ import annotations

import fcntl
import json
import os
import pwd
import socket
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from toolkit.errors import BlockedError, LockHeldError, Problem
from toolkit.values import Value, as_plain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Holder(Value):
    """Who holds the lock; `since` is ISO 8601 in UTC."""

    pid: int
    verb: str
    user: str
    host: str
    since: str

    @classmethod
    def of_this_run(cls, verb: str) -> Holder:
        """Return ourselves, running `verb`."""
        since = datetime.now(UTC).isoformat(timespec="seconds")
        return cls(os.getpid(), verb, _user(), socket.gethostname(), since)


@contextmanager
def locked(path: Path, verb: str) -> Iterator[None]:
    """Hold the lock at `path` for `verb`; its directory has to be there. It does not wait.

    Raises LockHeldError, which names the holder, when another run has it; BlockedError when the file is not
    ours to open.
    """
    file = _open(path)
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LockHeldError(_held(path, verb)) from error
        _record(file, json.dumps(as_plain(Holder.of_this_run(verb))))
        yield
        _record(file, "")
    finally:
        os.close(file)


def holder(path: Path) -> Holder | None:
    """Return who is written into the lock file, None where that cannot be read."""
    try:
        return Holder(**json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        step = "run as the user that owns this directory"
        raise BlockedError(Problem(str(path), "the lock cannot be opened", str(error), step)) from error


def _record(file: int, text: str) -> None:
    # The kernel holds the lock, the text only names us: a full disk is no reason to stop here.
    with suppress(OSError):
        os.ftruncate(file, 0)
        os.pwrite(file, text.encode(), 0)


def _held(path: Path, verb: str) -> Problem:
    other = holder(path)
    if other is None:
        got, step = "a run that has not given its name", f"`fuser {path}` names it; wait for its end"
    else:
        got = f"toolkit {other.verb}, pid {other.pid}, by {other.user} on {other.host} since {other.since}"
        step = f"wait for its end, or interrupt it: kill -INT {other.pid}"
    return Problem(str(path), f"another run is at work here, so `{verb}` does nothing", got, step)


def _user() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())
