"""An engine or a Compose that is not there, may not be asked or is too old: exit 3, each told apart."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.support.other_machine import docker_shim, other_user, without_compose
from tests.support.refusals import TOOLKIT, Said, on_engine, only, refused, tree
from tests.support.stack import OFF, Stack

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

pytestmark = pytest.mark.engine
NOWHERE = {"DOCKER_HOST": "unix:///nonexistent.sock"}
START = "start it: `systemctl start docker`, or `make up`, which also starts it where there is no init system"
MAKE_UP = "`make up`, which does so on Debian"
COMPOSE = f"install Docker Compose 2.26 or newer, or run {MAKE_UP}"
ENGINE = "install Docker Engine 20.10 or newer"


@pytest.fixture
def project(tmp_path: Path) -> Stack:
    """A project with redis and mariadb, never up."""
    (tmp_path / "project").mkdir()
    return Stack(tmp_path / "project", llm_general=OFF, llm_fast=OFF)


def refuse(project: Stack, argv: Sequence[str], env: Mapping[str, str] | None = None, code: int = 3) -> Said:
    """Return the one problem; the project has to be as it was before, and the engine to have nothing of it."""
    before = tree(project.directory)
    said = only(refused(argv, code, env))
    assert tree(project.directory) == before
    assert on_engine(project.project) == []
    return said


@pytest.mark.parametrize("verb", ["up", "status", "logs", "down", "restart", "init --print", "images list"])
def test_an_engine_that_is_not_running(project: Stack, verb: str) -> None:
    said = refuse(project, project.argv(*verb.split()), NOWHERE)
    assert (said.where, said.what) == (
        "Docker Engine at unix:///nonexistent.sock",
        "the engine is not running",
    )
    assert said.got
    assert (
        said.next_step == f"{START}\nor unset DOCKER_HOST (or the docker context) if this engine is not meant"
    )


def test_a_first_up_without_an_engine_writes_no_profile(tmp_path: Path) -> None:
    said = only(refused([TOOLKIT, "up", "--project-dir", str(tmp_path)], 3, NOWHERE))
    assert said.what == "the engine is not running"
    assert tree(tmp_path) == {}


def test_a_user_who_may_not_talk_to_the_engine() -> None:
    step = "join the group docker (`sudo usermod -aG docker $USER`, then log in again), or use sudo"
    with other_user() as user:
        project = Stack(user.home, llm_general=OFF, llm_fast=OFF)
        for verb in ("up", "status", "init --print"):
            said = refuse(project, user.argv(project.argv(*verb.split()), in_group=False))
            assert said.where == "Docker Engine at unix:///var/run/docker.sock"
            assert (said.what, said.next_step) == ("this user may not talk to the engine", step)
            assert "ermission denied" in said.got


@pytest.mark.parametrize("verb", ["up", "init --print"])
def test_no_docker_command(project: Stack, tmp_path: Path, verb: str) -> None:
    said = refuse(project, project.argv(*verb.split()), {"PATH": str(tmp_path)})
    assert said == Said("docker", "the docker command is not on PATH", "", f"{ENGINE}, or run {MAKE_UP}")


@pytest.mark.parametrize("verb", ["up", "init --print"])
def test_no_compose(project: Stack, verb: str) -> None:
    said = refuse(project, without_compose(project.argv(*verb.split())))
    assert said == Said("Docker Compose", "docker has no command `compose`", "", COMPOSE)


OLD_COMPOSE = '[ "$*" != "compose version --short" ] || { echo v2.20.0; exit; }'
OLD_ENGINE = (
    '[ "$1" != version ] || '
    """{ "$DOCKER" "$@" | sed 's/"Version":"[0-9][^"]*"/"Version":"19.03.15"/g'; exit; }"""
)


@pytest.mark.parametrize(
    ("shim", "expected"),
    [
        (OLD_COMPOSE, Said("Docker Compose", "too old: 2.20.0 (expected: 2.26 or newer)", "", COMPOSE)),
        (OLD_ENGINE, Said("Docker Engine", "too old: 19.03.15 (expected: 20.10 or newer)", "", ENGINE)),
    ],
    ids=["compose", "engine"],
)
def test_up_finds_them_too_old(project: Stack, tmp_path: Path, shim: str, expected: Said) -> None:
    said = refuse(project, project.argv("up"), docker_shim(tmp_path / "shim", shim), code=1)
    assert said == expected


@pytest.mark.parametrize(
    ("shim", "expected"),
    [
        (OLD_COMPOSE, Said("Docker Compose", "too old: 2.26 or newer is needed", "2.20.0", COMPOSE)),
        (OLD_ENGINE, Said("Docker Engine", "too old: 20.10 or newer is needed", "19.03.15", ENGINE)),
    ],
    ids=["compose", "engine"],
)
def test_init_cannot_work_with_them(project: Stack, tmp_path: Path, shim: str, expected: Said) -> None:
    said = refuse(project, project.argv("init", "--print"), docker_shim(tmp_path / "shim", shim))
    assert said == expected


def test_an_engine_older_than_the_profile_was_written_for(project: Stack) -> None:
    project.sets.append('engine.version="99.0"')
    said = refuse(project, project.argv("up"), code=1)
    assert (said.where, said.what) == (
        "toolkit.yaml: engine.version",
        "the profile was written for a newer engine",
    )
    assert said.got.startswith("this engine is ")
    assert said.next_step == "correct engine.version, or run `toolkit init --force`"


def test_keys_are_made_and_taken_back_without_an_engine(project: Stack) -> None:
    made = json.loads(without_engine(project, "keys", "add", "alice", "--output=json"))
    file = project.state / "keys" / "alice.key"
    assert made == {
        "name": "alice",
        "file": str(file),
        "live": False,
        "why_not_live": "the engine is not running",
    }
    assert file.stat().st_mode & 0o777 == 0o600
    told = without_engine(project, "keys", "add", "bob")
    assert told.endswith("/keys/bob.key  (the engine is not running: it counts from the edge's next start)\n")
    assert [line.split()[0] for line in without_engine(project, "keys", "list").splitlines()] == [
        "alice",
        "bob",
    ]

    said = only(refused(project.argv("keys", "revoke", "alice"), 3, NOWHERE))
    assert said.where == "keys revoke"
    assert said.what == "`alice` is taken back here, but a running edge could not be told"
    assert said.got == "Docker Engine at unix:///nonexistent.sock: the engine is not running"
    assert said.next_step == "if the edge is running: toolkit restart edge"
    assert not file.exists()
    assert [line.split()[0] for line in without_engine(project, "keys", "list").splitlines()] == ["bob"]


def without_engine(project: Stack, *words: str) -> str:
    done = subprocess.run(
        project.argv(*words), capture_output=True, text=True, check=False, env={**os.environ, **NOWHERE}
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout
