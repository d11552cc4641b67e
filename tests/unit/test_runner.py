"""The runner with real programs: it is itself the door, so nothing is faked but time."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import TYPE_CHECKING

import pytest

from toolkit.clock import Deadline
from toolkit.engine.runner import STREAMED_LINES_KEPT, ProgramMissingError, SubprocessRunner, detached
from toolkit.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def python(program: str) -> list[str]:
    return [sys.executable, "-u", "-c", program]


class LeapingClock:
    """Each look is a hundred seconds later: every grace is over at once."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        self.now += 100.0
        return self.now


class HandClock:
    """Time passes only by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += seconds


def test_returns_what_the_program_left_without_judging_its_exit_code() -> None:
    done = SubprocessRunner().run(
        python("import sys; print('out'); print('err', file=sys.stderr); sys.exit(7)")
    )

    assert (done.returncode, done.stdout, done.stderr) == (7, "out\n", "err\n")
    assert done.argv[0] == sys.executable
    assert 0 < done.elapsed_s < 50


def test_chunks_are_taken_only_as_fast_as_the_program_reads_them() -> None:
    taken: list[int] = []

    def chunks() -> Iterator[bytes]:
        for number in range(64):
            taken.append(number)
            yield bytes(1 << 20)

    reads_little = python("import os; print(len(os.read(0, 9)))")
    assert SubprocessRunner().run(reads_little, stdin=chunks()).stdout == "9\n"
    assert len(taken) < 64
    assert SubprocessRunner().run(["wc", "-c"], stdin=chunks()).stdout == f"{64 << 20}\n"


def test_no_shell_reads_the_words() -> None:
    assert SubprocessRunner().run(["echo", "$HOME;", "*"]).stdout == "$HOME; *\n"


def test_cwd_and_env_are_added_to_ours(tmp_path: Path) -> None:
    program = "import os; print(os.getcwd(), os.environ['COLOUR'], 'PATH' in os.environ)"

    done = SubprocessRunner().run(python(program), cwd=tmp_path, env={"COLOUR": "blue"})

    assert done.stdout == f"{tmp_path} blue True\n"


def test_megabytes_both_ways_do_not_block() -> None:
    program = "import sys; t = sys.stdin.read(); sys.stdout.write(t); sys.stderr.write(t)"
    text = "x" * 1023 + "\n"

    done = SubprocessRunner().run(python(program), stdin=text * 2000, deadline=Deadline.after(90))

    assert done.stdout == done.stderr == text * 2000


def test_without_stdin_the_program_reads_nothing() -> None:
    assert SubprocessRunner().run(["cat"], deadline=Deadline.after(60)).stdout == ""


def test_stdin_that_the_program_does_not_read_is_no_error() -> None:
    assert SubprocessRunner().run(["true"], stdin="x" * 1_000_000).returncode == 0


def test_lines_come_as_they_are_written() -> None:
    seen: list[tuple[str, float]] = []
    program = "import time; print('one'); time.sleep(0.8); print('two', end='')"

    SubprocessRunner().run(python(program), on_line=lambda line: seen.append((line, time.monotonic())))

    assert [line for line, _ in seen] == ["one", "two"]
    assert seen[1][1] - seen[0][1] > 0.1


def test_bytes_that_are_no_text_do_not_stop_it() -> None:
    seen: list[str] = []

    SubprocessRunner().run(python(r"import os; os.write(1, b'a\xffb\r\n')"), on_line=seen.append)

    assert seen == ["a\ufffdb"]


def test_of_a_streamed_program_the_last_lines_are_kept() -> None:
    lines = STREAMED_LINES_KEPT + 5
    done = SubprocessRunner().run(["seq", str(lines)], on_line=lambda _: None)

    assert done.stdout.splitlines()[0] == "6"
    assert done.stdout.splitlines()[-1] == str(lines)


def test_a_passed_deadline_ends_the_program_and_says_what_ran_and_how_long() -> None:
    began = time.monotonic()
    hand = HandClock()

    with pytest.raises(EngineError) as caught:
        SubprocessRunner(hand).run(
            python("import time; print('half way'); time.sleep(60)"),
            deadline=Deadline.after(30, hand),
            on_line=lambda _: hand.pass_by(31),
        )

    assert time.monotonic() - began < 500
    assert caught.value.exit_code == 3
    assert "sleep(60)': did not finish in time and was ended after 31.0 s\n" in str(caught.value)
    assert str(caught.value).endswith(
        "   got: half way\n  next: run it by hand to see where it stops, or give it more time"
    )


def test_a_silent_program_is_ended_too() -> None:
    with pytest.raises(EngineError, match=r"ended after \d+\.\d s\n   got: no output"):
        SubprocessRunner().run(["sleep", "60"], deadline=Deadline.after(0.2))


def test_a_program_that_was_left_no_time_does_not_seem_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toolkit.engine.runner._NO_TIME_S", 500.0)

    with pytest.raises(EngineError, match="had no time left: what came before it took all of it"):
        SubprocessRunner().run(["sleep", "60"], deadline=Deadline.after(0))


def test_a_program_deaf_to_the_polite_end_is_killed(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    hand = HandClock()
    program = (
        "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        f"open({str(pid_file)!r}, 'w').write(str(os.getpid())); print('deaf'); time.sleep(60)"
    )

    with pytest.raises(EngineError):
        SubprocessRunner(LeapingClock()).run(
            python(program), deadline=Deadline.after(30, hand), on_line=lambda _: hand.pass_by(31)
        )

    with pytest.raises(ProcessLookupError):
        os.kill(int(pid_file.read_text()), 0)


def test_what_a_grandchild_still_holds_open_does_not_hold_us_past_the_deadline() -> None:
    began = time.monotonic()

    done = SubprocessRunner().run(["sh", "-c", "echo begun; sleep 60 &"], deadline=Deadline.after(2))

    assert time.monotonic() - began < 500
    assert (done.returncode, done.stdout) == (0, "begun\n")


def test_a_missing_program_is_named_with_the_next_step() -> None:
    with pytest.raises(ProgramMissingError) as caught:
        SubprocessRunner().run(["no-such-program", "--version"])

    assert str(caught.value) == (
        "no-such-program: this program is not on PATH\n"
        "  next: install no-such-program, or put the directory that holds it on PATH"
    )
    assert caught.value.exit_code == 3


def test_a_missing_directory_is_not_mistaken_for_a_missing_program(tmp_path: Path) -> None:
    with pytest.raises(EngineError) as caught:
        SubprocessRunner().run(["true"], cwd=tmp_path / "gone")

    assert str(caught.value) == f"{tmp_path}/gone: true cannot run here\n   got: no such directory"
    assert not isinstance(caught.value, ProgramMissingError)


def test_a_file_that_is_no_program_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("text")

    with pytest.raises(EngineError, match=r"this program could not be started\n   got: .*Permission denied"):
        SubprocessRunner().run([str(tmp_path / "notes")])


COUNTING = """
import os, signal, sys, time
def note(number, frame):
    with open({file!r}, "a") as out: out.write("interrupted\\n")
    time.sleep(0.1); print("finished"); sys.exit(0)
signal.signal(signal.SIGINT, note); print("ready"); time.sleep(60)
"""


def press_ctrl_c(_: str) -> None:
    signal.raise_signal(signal.SIGINT)


def test_ctrl_c_reaches_the_program_once_and_it_may_finish(tmp_path: Path) -> None:
    file = tmp_path / "signals"

    with pytest.raises(KeyboardInterrupt):
        SubprocessRunner().run(python(COUNTING.format(file=str(file))), on_line=press_ctrl_c)

    assert file.read_text() == "interrupted\n"


def test_ctrl_c_kills_a_program_that_does_not_finish(tmp_path: Path) -> None:
    program = (
        "import os, signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN);"
        f"open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid())); print('ready'); time.sleep(60)"
    )

    with pytest.raises(KeyboardInterrupt):
        SubprocessRunner(LeapingClock()).run(python(program), on_line=press_ctrl_c)

    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_the_terminal_does_not_reach_the_program_itself() -> None:
    done = SubprocessRunner().run(python("import os; print(os.getsid(0) == os.getpid())"))

    assert done.stdout == "True\n"


def test_an_error_of_the_listener_ends_the_program_and_comes_through() -> None:
    def refuse(line: str) -> None:
        raise LookupError(line)

    began = time.monotonic()
    with pytest.raises(LookupError, match="ready"):
        SubprocessRunner().run(python("import time; print('ready'); time.sleep(60)"), on_line=refuse)
    assert time.monotonic() - began < 50


def test_what_is_detached_writes_to_a_log_of_its_own_and_has_nothing_of_ours(tmp_path: Path) -> None:
    log, fifo = tmp_path / "log", tmp_path / "over"
    os.mkfifo(fifo)
    log.write_text("of a former run")
    said = "import os, sys; print(os.getsid(0), flush=True); open(sys.argv[1], 'w').close()"
    detached((sys.executable, "-c", said, str(fifo)), log)
    # It has ended its work when its end of the pipe is closed.
    fifo.read_bytes()
    assert int(log.read_text()) != os.getsid(0)
    assert log.stat().st_mode & 0o777 == 0o600


def test_what_cannot_be_detached_is_told(tmp_path: Path) -> None:
    with pytest.raises(ProgramMissingError):
        detached((str(tmp_path / "none"),), tmp_path / "log")
