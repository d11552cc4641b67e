"""The call of ssh that makes another machine's engine a socket of this one, and programs that stay beside us."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from toolkit.clock import Deadline
from toolkit.engine.runner import beside
from toolkit.engine.tunnel import open_tunnel, tunnel_argv
from toolkit.errors import EngineError

SOCKET = Path("/tmp/x/build.sock")


@pytest.mark.parametrize(
    ("url", "forward", "login"),
    [
        ("ssh://build", "/var/run/docker.sock", ("--", "build")),
        ("ssh://me@build:2222", "/var/run/docker.sock", ("-l", "me", "-p", "2222", "--", "build")),
        (
            "ssh://me@10.0.0.2/run/user/7/docker.sock",
            "/run/user/7/docker.sock",
            ("-l", "me", "--", "10.0.0.2"),
        ),
    ],
)
def test_the_socket_is_forwarded(url: str, forward: str, login: tuple[str, ...]) -> None:
    argv = tunnel_argv(url, SOCKET)
    assert argv[argv.index("-L") + 1 : -1] == (f"/tmp/x/build.sock:{forward}", *login)
    assert argv[0] == "ssh"
    assert "BatchMode=yes" in argv
    assert "ExitOnForwardFailure=yes" in argv


def test_a_machine_out_of_reach_is_told_in_the_words_of_ssh(tmp_path: Path) -> None:
    with pytest.raises(EngineError) as caught:
        open_tunnel("ssh://me@nowhere.invalid", tmp_path)
    (problem,) = caught.value.problems
    assert (problem.where, problem.what) == (
        "ssh://me@nowhere.invalid",
        "the machine of the engine cannot be reached",
    )
    assert "nowhere.invalid" in problem.got
    assert problem.next_step == "`ssh me@nowhere.invalid docker version` has to work by itself"


def test_a_program_beside_us_is_there_from_its_first_line_until_it_is_ended() -> None:
    program = "import os, sys; print(os.getpid(), file=sys.stderr); print('ready'); sys.stdin.read()"
    end = beside((sys.executable, "-uc", program), Deadline.after(90))
    pid = int(str(end()))
    assert not Path(f"/proc/{pid}").exists()


def test_a_program_beside_us_learns_of_our_end_however_we_end(tmp_path: Path) -> None:
    ended = tmp_path / "ended"
    os.mkfifo(ended)
    inner = (
        f"print('ready', flush=True); import sys; sys.stdin.read(); open({str(ended)!r}, 'w').write('over')"
    )
    outer = f"""
import os, sys
from toolkit.clock import Deadline
from toolkit.engine.runner import beside
beside((sys.executable, "-c", {inner!r}), Deadline.after(90))
os.kill(os.getpid(), 9)
"""
    killed = subprocess.run((sys.executable, "-c", outer), check=False, cwd=Path(__file__).parents[2])
    assert killed.returncode == -9
    assert ended.read_text() == "over"


def test_a_program_that_never_gets_ready_is_quoted() -> None:
    program = "import sys; sys.exit('no such machine')"
    with pytest.raises(EngineError) as caught:
        beside((sys.executable, "-c", program), Deadline.after(90))
    assert caught.value.problems[0].got == "no such machine"


def test_a_program_that_says_nothing_is_not_waited_for_forever() -> None:
    with pytest.raises(EngineError) as caught:
        beside((sys.executable, "-c", "import sys; sys.stdin.read()"), Deadline.after(0.2))
    assert caught.value.problems[0].got == "no answer in time"
