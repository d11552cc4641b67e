"""The wrappers for cron: which verb they call, silence while all is well, the verb's exit code, never two at once."""

from __future__ import annotations

import fcntl
import os
import subprocess
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[2] / "scripts"
WRAPPERS = {
    "health-check-60s": "health-check --duration 60s",
    "smoke-test": "smoke-test",
    "diagnose-issues": "diagnose",
}


@pytest.fixture
def stub(tmp_path: Path) -> Path:
    program = tmp_path / "toolkit"
    program.write_text(
        '#!/bin/sh\necho "$@" > "$(dirname "$0")/argv"\necho said; echo loudly >&2\nexit "${CODE:-0}"\n'
    )
    program.chmod(0o755)
    return program


def run(name: str, stub: Path, *words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    environ = {
        "PATH": os.environ["PATH"],
        "TOOLKIT": str(stub),
        "TMPDIR": str(stub.parent),
        "CODE": str(code),
    }
    return subprocess.run(
        [SCRIPTS / f"{name}.sh", *words], env=environ, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(("name", "verb"), WRAPPERS.items())
def test_it_calls_its_verb_with_what_it_is_given(name: str, verb: str, stub: Path) -> None:
    done = run(name, stub, "--env", "production", "--report", "a b.html")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    told = (stub.parent / "argv").read_text()
    assert told == f"{verb} --env production --report a b.html --quiet --no-color\n"


@pytest.mark.parametrize("name", WRAPPERS)
@pytest.mark.parametrize("code", [1, 3])
def test_what_is_wrong_is_said_with_the_verb_s_own_code(name: str, code: int, stub: Path) -> None:
    done = run(name, stub, code=code)
    assert (done.returncode, done.stdout) == (code, "said\nloudly\n")


def test_two_at_once_are_one_too_many(stub: Path) -> None:
    with (stub.parent / f"toolkit-smoke-test-{os.getuid()}.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        done = run("smoke-test", stub)
    assert (done.returncode, done.stderr) == (3, "toolkit smoke-test: the run before is still at work\n")
    assert not (stub.parent / "argv").exists()


def test_a_program_that_is_missing_is_said(stub: Path) -> None:
    done = run("smoke-test", stub.parent / "nowhere")
    assert done.returncode == 127
    assert "nowhere" in done.stdout
