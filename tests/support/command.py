"""Runs the command line: in this process, or as the program that people start."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.rendering import MACHINES

TOOLKIT = (sys.executable, "-m", "toolkit")
NO_ENGINE = "unix:///nowhere/docker.sock"


@dataclass(frozen=True)
class Said:
    """What a run left: exit code, standard output, standard error."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def project(directory: Path, *, machine: str = "cpu-offline", more: str = "") -> Path:
    """Make a project directory with the profile of a machine of tests/data, and `more` text behind it."""
    directory.mkdir(parents=True, exist_ok=True)
    text = (MACHINES / machine / "toolkit.yaml").read_text()
    (directory / "toolkit.yaml").write_text(text + more)
    return directory


def start(
    *words: str, cwd: Path, program: tuple[str, ...] = TOOLKIT, **environ: str
) -> subprocess.Popen[str]:
    """Start the program in `cwd`, without an engine unless `environ` names one."""
    return subprocess.Popen(
        [*program, *words],
        cwd=cwd,
        env={**clean_environment(), **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(running: subprocess.Popen[str], timeout_s: float = 120) -> Said:
    """Wait for the program's end."""
    out, err = running.communicate(timeout=timeout_s)
    return Said(running.returncode, out, err)


def toolkit(*words: str, cwd: Path, **environ: str) -> Said:
    """Run the program to its end."""
    return finish(start(*words, cwd=cwd, program=TOOLKIT, **environ))


def clean_environment() -> dict[str, str]:
    """Return an environment that changes nothing by itself."""
    root = str(Path(__file__).parents[2])
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    # The docker SDK forgets sockets.
    warnings = "error,ignore::ResourceWarning"
    return {**kept, "PYTHONPATH": root, "PYTHONWARNINGS": warnings, "DOCKER_HOST": NO_ENGINE}
