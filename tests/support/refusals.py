"""What every refusal of the command has in common, and how to see that it left nothing half-written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.engine import docker

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.support.stack import Stack

TOOLKIT = str(Path(sys.executable).with_name("toolkit"))
_KEYS = {"where", "what", "got", "next_step"}
_NEVER_SAID = ("Traceback", "bug in toolkit", "most recent call")
# A lock that nobody holds, and what an earlier run has remembered, are no trace of this one.
_PASSING = ("lock", "remembered.json")


@dataclass(frozen=True)
class Said:
    """One problem, as the command told it on both outputs."""

    where: str
    what: str
    got: str
    next_step: str


def refused(argv: Sequence[str], code: int, env: Mapping[str, str] | None = None) -> tuple[Said, ...]:
    """Run the command, which has to end with `code` without a traceback, and return its problems.

    They come as JSON on standard output; the same have to stand, as text and in this order, on standard error.
    """
    environ = {**os.environ, **(env or {})}
    done = subprocess.run(
        [*argv, "--output=json"], capture_output=True, text=True, check=False, timeout=600, env=environ
    )
    both = done.stdout + done.stderr
    assert done.returncode == code, f"exit code {done.returncode}, not {code}: {both}"
    assert not [words for words in _NEVER_SAID if words in both], both
    body = json.loads(done.stdout)
    assert (set(body), body["exit_code"]) == ({"exit_code", "problems"}, code)
    assert all(set(problem) == _KEYS for problem in body["problems"])
    problems = tuple(Said(**problem) for problem in body["problems"])
    assert all(said.where and said.what and said.next_step for said in problems), problems
    assert done.stderr.endswith("".join(_text(said) for said in problems)), both
    return problems


def only(problems: tuple[Said, ...]) -> Said:
    """Return the one problem; a second one is a failure."""
    assert len(problems) == 1, problems
    return problems[0]


def _text(said: Said) -> str:
    got = ["   got: " + said.got.replace("\n", "\n        ")] if said.got else []
    following = "  next: " + said.next_step.replace("\n", "\n        ")
    return "\n".join([f"error: {said.where}: {said.what}", *got, following, ""])


def on_engine(project: str) -> list[str]:
    """Return the names of everything that the engine has of a Compose project."""
    label = f"label=com.docker.compose.project={project}"
    asked = (("ps", "--all", "{{.Names}}"), ("network", "ls", "{{.Name}}"), ("volume", "ls", "{{.Name}}"))
    return [
        name for *words, form in asked for name in docker(*words, "--filter", label, "--format", form).split()
    ]


def tree(project: Path) -> dict[str, tuple[int, str]]:
    """Return mode and digest of everything in a project directory, hidden files too, by its path.

    Left out: the lock, and the directories of the state, which every verb that takes the lock makes.
    """
    found = {}
    for path in project.rglob("*"):
        inside = path.relative_to(project)
        if path.name not in _PASSING and not (path.is_dir() and inside.parts[0] == ".toolkit"):
            found[str(inside)] = (
                path.stat().st_mode,
                "" if path.is_dir() else sha256(path.read_bytes()).hexdigest(),
            )
    return found


def refuse(
    project: Stack, *words: str, code: int = 1, env: Mapping[str, str] | None = None
) -> tuple[Said, ...]:
    """Return the problems of a verb; files and engine have to be as they were."""
    before = (tree(project.directory), on_engine(project.project))
    problems = refused(project.argv(*words), code, env)
    assert (tree(project.directory), on_engine(project.project)) == before
    return problems
