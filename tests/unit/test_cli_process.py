"""The program as people start it: what it loads, how it is interrupted, and what it does with our own bugs."""

from __future__ import annotations

import os
import pty
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command import TOOLKIT, clean_environment, finish, project, start, toolkit
from toolkit import __version__
from toolkit.cli.app import run

HEAVY = ("docker", "requests", "rich", "pydantic", "msgspec", "httpx", "jinja2", "yaml", "psutil")


def test_the_version_loads_nothing_heavy(tmp_path: Path) -> None:
    program = (
        "import sys; from toolkit.cli.app import run; code = run(['--version']);"
        f"print([name for name in {HEAVY} if name in sys.modules]); sys.exit(code)"
    )
    said = finish(start(cwd=tmp_path, program=(sys.executable, "-c", program)))

    assert (said.code, said.err) == (0, "")
    assert said.out == f"toolkit {__version__}\n[]\n"


def test_the_version_is_the_package_s(tmp_path: Path) -> None:
    said = toolkit("--version", cwd=tmp_path)
    assert (said.code, said.out, said.err) == (0, f"toolkit {__version__}\n", "")


def test_rendering_asks_no_engine_and_no_network(tmp_path: Path) -> None:
    program = (
        "import sys; from toolkit.cli.app import run; code = run(['render', '--quiet']);"
        "print([n for n in ('docker', 'httpx', 'psutil', 'rich', 'requests') if n in sys.modules]); sys.exit(code)"
    )
    said = finish(start(cwd=project(tmp_path), program=(sys.executable, "-c", program)))

    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines()[-1] == "[]"


def test_rendering_defines_values_instead_of_dataclasses(tmp_path: Path) -> None:
    program = (
        "import dataclasses, sys; from toolkit.cli.app import run; code = run(['render', '--quiet']);"
        "modules = [one for name, one in sys.modules.items() if name.startswith('toolkit')];"
        "found = {kind for one in modules for kind in vars(one).values() if dataclasses.is_dataclass(kind)};"
        "print(sorted(one.__name__ for one in found if one.__module__.startswith('toolkit'))); sys.exit(code)"
    )
    said = finish(start(cwd=project(tmp_path), program=(sys.executable, "-c", program)))

    assert (said.code, said.err) == (0, "")
    # Three that `--version` loads, and one whose clock is not compared.
    assert said.out.splitlines()[-1] == "['Common', 'Deadline', 'Problem', '_FirstSight']"


BROKEN = """
import sys
from toolkit.cli import app

known = app.application()

@known.command()
def broken() -> None:
    raise LookupError("a shelf\\nis empty")

app.application = lambda argv: known
sys.exit(app.run(["broken"]))
"""


def test_our_own_bug_goes_to_a_log_file_and_ends_with_70(tmp_path: Path) -> None:
    said = finish(start(cwd=tmp_path, program=(sys.executable, "-c", BROKEN), TMPDIR=str(tmp_path)))

    assert (said.code, said.out) == (70, "")
    (log,) = tmp_path.glob("toolkit-bug-*.log")
    assert (
        said.err == f"error: this is a bug in toolkit: LookupError: a shelf\n  next: report it with {log}\n"
    )
    assert "Traceback (most recent call last)" in log.read_text()
    assert "LookupError: a shelf\nis empty" in log.read_text()


@pytest.mark.parametrize("order", [signal.SIGINT, signal.SIGTERM])
def test_an_order_to_end_is_130_and_no_traceback(order: signal.Signals, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as engine:
        engine.bind(str(tmp_path / "docker.sock"))
        engine.listen()
        running = start("status", cwd=project(tmp_path), DOCKER_HOST=f"unix://{tmp_path}/docker.sock")
        engine.settimeout(20)
        connection, _ = engine.accept()
        running.send_signal(order)
        said = finish(running)
        connection.close()

    assert (said.code, said.out) == (130, "")
    assert said.err == "interrupted: nothing is half-written; the same command goes on from what is there\n"


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    pipeline = f"{' '.join(TOOLKIT)} profile schema | head -n 1; echo ${{PIPESTATUS[0]}} >&2"
    done = subprocess.run(
        ["bash", "-c", pipeline],
        cwd=tmp_path,
        env={**clean_environment(), "PYTHONUNBUFFERED": "1"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "{\n"
    assert done.stderr in {"0\n", "1\n"}


def test_a_closed_standard_output_ends_with_1(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer) as closed:
        done = subprocess.run(
            [*TOOLKIT, "profile", "schema"],
            cwd=project(tmp_path),
            env=clean_environment(),
            stdout=closed,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr) == (1, "")


def on_a_terminal(*words: str, cwd: Path, **environ: str) -> str:
    """Return what the program writes to a terminal."""
    ours, theirs = pty.openpty()
    running = subprocess.Popen(
        [*TOOLKIT, *words],
        cwd=cwd,
        env={**clean_environment(), "TERM": "xterm-256color", **environ},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    written = b""
    try:
        while piece := os.read(ours, 4096):
            written += piece
    except OSError:  # the terminal's other end is closed: nothing more comes
        pass
    finally:
        os.close(ours)
        running.wait(timeout=120)
    return written.decode()


COLOUR = re.compile(r"\x1b\[[0-9;]*3[0-7]m")


def test_a_terminal_gets_colours_unless_no_color_is_set(tmp_path: Path) -> None:
    assert COLOUR.search(on_a_terminal("--help", cwd=tmp_path))
    assert not COLOUR.search(on_a_terminal("--help", cwd=tmp_path, NO_COLOR="please"))


@pytest.mark.parametrize("value", ["1", "please", ""])
def test_no_color_takes_any_value(
    value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NO_COLOR", value)
    assert run(["profile", "list"]) == 0
    assert capsys.readouterr().err == ""


def test_pipes_get_no_colours(tmp_path: Path) -> None:
    said = toolkit("--help", cwd=tmp_path)
    assert "Usage: toolkit" in said.out
    assert "\x1b" not in said.out + said.err
