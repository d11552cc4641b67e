"""Speaks to the real engine: docker's command line, its inspect documents, and patience."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from functools import cache
from typing import TYPE_CHECKING, Any, cast

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

_ANSWER_S = 60


def docker(*words: str, stdin: str = "") -> str:
    """Return what docker prints; a failure shows what it said."""
    done = execute("docker", *words, stdin=stdin)
    assert done.returncode == 0, f"docker {' '.join(words[:3])}: {done.stderr}"
    return done.stdout.strip()


def execute(*argv: str, stdin: str = "", timeout_s: float = 300) -> subprocess.CompletedProcess[str]:
    """Run a program to its end, whatever its exit code."""
    return subprocess.run(argv, input=stdin, capture_output=True, text=True, check=False, timeout=timeout_s)


def inside(container: str, *command: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command in a container; what it has to keep to itself comes by stdin, never by argument."""
    return execute("docker", "exec", "--interactive", container, *command, stdin=stdin)


def inspect(container: str) -> dict[str, Any]:
    """Return the engine's document of one container."""
    return cast("dict[str, Any]", json.loads(docker("inspect", container))[0])


def containers_of(project: str) -> list[str]:
    """Return the names of a Compose project's containers: stopped ones and those of `compose run` too."""
    label = f"label=com.docker.compose.project={project}"
    return sorted(docker("ps", "--all", "--filter", label, "--format", "{{.Names}}").split())


def volumes_of(project: str) -> list[str]:
    """Return the names of the volumes of a Compose project."""
    label = f"label=com.docker.compose.project={project}"
    return sorted(docker("volume", "ls", "--filter", label, "--format", "{{.Name}}").split())


def logs(container: str) -> str:
    """Return all that a container has written, each line behind its time (RFC 3339, UTC)."""
    done = execute("docker", "logs", "--timestamps", container)
    return done.stdout + done.stderr


def until(true: Callable[[], object], what: str, budget_s: float = 90.0, pause_s: float = 0.05) -> None:
    """Ask again until `true` holds: for what no event tells. The budget is one of a machine that is busy."""
    end = time.monotonic() + budget_s
    while not true():
        assert time.monotonic() < end, f"not within {budget_s:.0f} s: {what}"
        time.sleep(pause_s)


@cache
def why_no_engine() -> str:
    """Return why tests of the engine cannot run here, "" where an engine and Compose answer."""
    if shutil.which("docker") is None:
        return "the docker command is not on PATH"
    for question in (
        ("docker", "version", "--format", "{{.Server.Version}}"),
        ("docker", "compose", "version"),
    ):
        done = execute(*question, timeout_s=_ANSWER_S)
        if done.returncode != 0:
            return done.stderr.strip() or f"{' '.join(question)}: exit code {done.returncode}"
    return ""


def require_engine(reason: str) -> None:
    """End the test where no engine is: CI has to have one, a person may go without, and sees a skip."""
    if reason and os.environ.get("CI"):
        pytest.fail(f"CI needs a Docker Engine: {reason}", pytrace=False)
    if reason:
        pytest.skip(f"no Docker Engine: {reason}")


def engine_version() -> str:
    """Return major.minor of the engine, as `engine.version` of a profile wants it."""
    return ".".join(docker("version", "--format", "{{.Server.Version}}").split(".")[:2])
