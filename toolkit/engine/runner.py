"""Runs other programs: the only place of the toolkit that starts a subprocess."""

from __future__ import annotations

import contextlib
import os
import select
import selectors
import shlex
import signal
import subprocess
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, NoReturn, Protocol, cast

from toolkit.clock import SYSTEM_CLOCK, Clock, Deadline
from toolkit.errors import EngineError, Problem

if TYPE_CHECKING:
    from pathlib import Path

INTERRUPT_GRACE_S = 10.0
TERMINATE_GRACE_S = 5.0
STREAMED_LINES_KEPT = 10_000
_CHUNK = 65536
# To start a program and to end it takes this long at least: it was given no time of its own.
_NO_TIME_S = 0.05

OnLine = Callable[[str], None]
Stdin = str | Iterable[bytes] | None


@dataclass(frozen=True, slots=True)
class Completed:
    """What a finished program left: its exit code (negative: the signal that ended it) and all it wrote."""

    argv: tuple[str, ...]
    returncode: int
    stdout: str
    stderr: str
    elapsed_s: float


class Runner(Protocol):
    """The door to other programs."""

    def run(
        self,
        argv: Sequence[str],
        *,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        deadline: Deadline | None = None,
        stdin: Stdin = None,
        on_line: OnLine | None = None,
    ) -> Completed:
        """Run `argv` to its end and return what it left; the exit code is the caller's to judge.

        `env` is added to our own environment. `stdin` is written to the program, chunks only as it
        takes them; None gives it an empty one.
        `on_line` gets each line of stdout and stderr as it comes; of a streamed program only the last
        10 000 lines of each are kept. Raises EngineError when the program cannot start or `deadline` passes.
        """
        ...


class ProgramMissingError(EngineError):
    """The program is not on PATH."""


class SubprocessRunner:
    """Runs programs without a shell, each in a session of its own so that Ctrl-C reaches it once, by us."""

    def __init__(self, clock: Clock = SYSTEM_CLOCK, env: Mapping[str, str] | None = None) -> None:
        """Add `env`, such as DOCKER_HOST, to the environment of every program."""
        self._clock = clock
        self._env = dict(env or {})

    def run(
        self,
        argv: Sequence[str],
        *,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        deadline: Deadline | None = None,
        stdin: Stdin = None,
        on_line: OnLine | None = None,
    ) -> Completed:
        """Run `argv` as `Runner.run` says; on Ctrl-C it gets 10 s to finish before it is killed."""
        began = self._clock.monotonic()
        program = _start(tuple(argv), cwd, {**self._env, **(env or {})}, stdin)
        with contextlib.closing(_Talk(program, stdin, on_line)) as talk:
            try:
                in_time = talk.until_end(deadline)
            except BaseException as error:
                interrupted = isinstance(error, KeyboardInterrupt)
                talk.end(signal.SIGINT if interrupted else signal.SIGTERM, self._grace(INTERRUPT_GRACE_S))
                raise
            if not in_time:
                talk.end(signal.SIGTERM, self._grace(TERMINATE_GRACE_S))
        elapsed_s = self._clock.monotonic() - began
        done = Completed(tuple(argv), program.returncode, talk.out.text(), talk.err.text(), elapsed_s)
        return done if in_time else _refuse_late(done)

    def _grace(self, seconds: float) -> Deadline:
        return Deadline.after(seconds, self._clock)


def detached(argv: Sequence[str], log: Path) -> None:
    """Start a program that outlives us, in a session of its own; what it writes goes to `log`, new and ours alone.

    Raises EngineError where it cannot start, OSError where the log cannot be written.
    """
    log.unlink(missing_ok=True)
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        program = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=file, stderr=file, start_new_session=True
        )
        # Nobody waits for its end, which Python would complain about.
        program.returncode = 0
    except OSError as error:
        _refuse_start(tuple(argv), None, error)
    finally:
        os.close(file)


def beside(argv: Sequence[str], deadline: Deadline) -> Callable[[], object]:
    """Start a program that goes on beside us; return how to end it, once it has written its first line.

    Its stdin stays open until then and closes with us, however we end: by that it knows. Raises EngineError with what
    it said where it ends before, or says nothing by `deadline`.
    """
    program = _start(tuple(argv), None, None, "")
    out = cast("IO[bytes]", program.stdout)
    if select.select([out], [], [], deadline.remaining_s())[0] and out.readline():
        return lambda: _end_beside(program)
    late = program.poll() is None and deadline.passed
    said = _end_beside(program)
    got = "\n".join(said.strip().splitlines()[-3:]) or ("no answer in time" if late else "it said nothing")
    raise EngineError(Problem(shlex.join(argv), "this program did not get ready", got, "run it by hand"))


def _end_beside(program: subprocess.Popen[bytes]) -> str:
    with contextlib.suppress(ProcessLookupError):
        program.terminate()
    return program.communicate()[1].decode("utf-8", "replace")


def _start(
    argv: tuple[str, ...], cwd: Path | None, env: Mapping[str, str] | None, stdin: Stdin
) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            argv,
            cwd=cwd,
            env={**os.environ, **env} if env else None,
            stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        _refuse_start(argv, cwd, error)


@dataclass(slots=True)
class _Stream:
    """One output of the program, cut into lines as it arrives."""

    on_line: OnLine | None
    kept: deque[str] = field(default_factory=deque)
    rest: bytes = b""

    def feed(self, chunk: bytes) -> None:
        *lines, self.rest = (self.rest + chunk).split(b"\n")
        for line in lines:
            self._take(line, "\n")

    def close(self) -> None:
        if self.rest:
            self._take(self.rest, "")
            self.rest = b""

    def _take(self, line: bytes, end: str) -> None:
        text = line.decode("utf-8", "replace")
        self.kept.append(text + end)
        if self.on_line is not None:
            if len(self.kept) > STREAMED_LINES_KEPT:
                self.kept.popleft()
            self.on_line(text.removesuffix("\r"))

    def text(self) -> str:
        return "".join(self.kept)


class _Talk:
    """Feeds a program's stdin and reads both of its outputs at once, all in the caller's thread."""

    def __init__(self, program: subprocess.Popen[bytes], stdin: Stdin, on_line: OnLine | None) -> None:
        self.program = program
        self.out, self.err = _Stream(on_line), _Stream(on_line)
        self._coming = iter((stdin.encode(),) if isinstance(stdin, str) else stdin or ())
        self._unsent = memoryview(b"")
        self._doors = selectors.DefaultSelector()
        for pipe, stream in ((program.stdout, self.out), (program.stderr, self.err)):
            if pipe is not None:
                self._doors.register(pipe, selectors.EVENT_READ, stream)
        if program.stdin is not None:
            os.set_blocking(program.stdin.fileno(), False)
            self._doors.register(program.stdin, selectors.EVENT_WRITE)

    def until_end(self, deadline: Deadline | None) -> bool:
        """Return True once the program has ended, False when the deadline came first."""
        while self._doors.get_map():
            for key, _ in self._doors.select(None if deadline is None else deadline.remaining_s()):
                self._write(key) if key.data is None else self._read(key)
            if deadline is not None and deadline.passed:
                return self.program.poll() is not None
        try:
            self.program.wait(None if deadline is None else deadline.remaining_s())
        except subprocess.TimeoutExpired:
            return False
        return True

    def end(self, first: signal.Signals, grace: Deadline) -> None:
        """Ask the whole process group to end; kill it when the grace is over or on a second Ctrl-C."""
        self.out.on_line = self.err.on_line = None
        try:
            self._signal(first)
            self.until_end(grace)
        finally:
            self._signal(signal.SIGKILL)
            self.program.wait()

    def close(self) -> None:
        """Close our ends of the pipes, also those that a grandchild still holds."""
        self.out.close()
        self.err.close()
        for key in tuple(self._doors.get_map().values()):
            self._drop(key)
        self._doors.close()

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.program.pid, number)

    def _read(self, key: selectors.SelectorKey) -> None:
        chunk = os.read(key.fd, _CHUNK)
        if chunk:
            key.data.feed(chunk)
        else:
            key.data.close()
            self._drop(key)

    def _write(self, key: selectors.SelectorKey) -> None:
        try:
            self._unsent = self._unsent or memoryview(next(self._coming))
            self._unsent = self._unsent[os.write(key.fd, self._unsent[:_CHUNK]) :]
        except (StopIteration, BrokenPipeError):
            self._drop(key)

    def _drop(self, key: selectors.SelectorKey) -> None:
        self._doors.unregister(key.fileobj)
        cast("IO[bytes]", key.fileobj).close()


def _refuse_start(argv: tuple[str, ...], cwd: Path | None, error: OSError) -> NoReturn:
    if cwd is not None and not cwd.is_dir():
        raise EngineError(Problem(str(cwd), f"{argv[0]} cannot run here", "no such directory")) from error
    if isinstance(error, FileNotFoundError):
        step = f"install {argv[0]}, or put the directory that holds it on PATH"
        raise ProgramMissingError(Problem(argv[0], "this program is not on PATH", "", step)) from error
    step = f"look at the file that `command -v {argv[0]}` names"
    raise EngineError(Problem(argv[0], "this program could not be started", str(error), step)) from error


def _refuse_late(done: Completed) -> NoReturn:
    said = (done.stderr or done.stdout).strip().splitlines()[-3:]
    what = f"did not finish in time and was ended after {done.elapsed_s:.1f} s"
    if done.elapsed_s < _NO_TIME_S:
        what = "had no time left: what came before it took all of it"
    raise EngineError(
        Problem(
            shlex.join(done.argv),
            what,
            "\n".join(said) or "no output",
            "run it by hand to see where it stops, or give it more time",
        )
    )
