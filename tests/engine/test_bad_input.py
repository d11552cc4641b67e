"""What stands in the way on a real machine: exact exit code and words, and nothing half-written remains."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.engine import containers_of, execute
from tests.support.other_machine import docker_shim
from tests.support.refusals import Said, on_engine, only, refuse, refused
from tests.support.stack import Stack

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.engine
LISTEN = (
    "import socket, sys; s = socket.create_server(('127.0.0.1', int(sys.argv[1]))); print(); sys.stdin.read()"
)
PORT = "stop it, or choose another port: services.edge.port in toolkit.yaml"


@pytest.fixture
def project(tmp_path: Path) -> Stack:
    """All services, never up."""
    (tmp_path / "project").mkdir()
    return Stack(tmp_path / "project")


@contextmanager
def listener(port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Listen on `port` in a process of its own."""
    argv = (sys.executable, "-c", LISTEN, str(port))
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"\n"
        yield process
        process.communicate()


def test_a_port_that_a_process_has_taken(project: Stack) -> None:
    with listener(project.port) as process:
        said = only(refuse(project, "up"))
        name = Path(f"/proc/{process.pid}/comm").read_text().strip()
    held = f"held by {name} (pid {process.pid})"
    assert said == Said("edge", f"port 127.0.0.1:{project.port} is taken", held, PORT)


def test_a_port_that_a_container_of_another_project_has_taken(project: Stack, stack: Stack) -> None:
    project.sets.append(f"services.edge.port={stack.port}")
    said = only(refuse(project, "up"))
    held = f"held by container {stack.container('edge')}"
    assert said == Said("edge", f"port 127.0.0.1:{stack.port} is taken", held, PORT)


def test_everything_that_stands_in_the_way_is_told_at_once(project: Stack) -> None:
    project.sets.append("models.tiny.source=dir:/nope")
    with listener(project.port):
        problems = refuse(project, "up")
    step = "correct `source: dir:…` (of the model, or in lora_modules), or put the files there"
    missing = [
        Said(name, "the directory of its model, or of an adapter, is not there", "/nope", step)
        for name in ("llm-general", "llm-fast")
    ]
    assert problems[:2] == tuple(missing)
    assert [said.where for said in problems[2:]] == ["edge"]


def test_a_registry_that_cannot_be_reached(project: Stack, tmp_path: Path) -> None:
    # Whether this machine has a registry or not: at that address there is none.
    shim = docker_shim(tmp_path / "shim", '[ "$1" != pull ] || exec "$DOCKER" pull "127.0.0.1:9/$2"')
    project.sets += [
        "image_source=registry",
        "services.llm_general.enabled=false",
        "services.llm_fast.enabled=false",
    ]
    said = only(refused(project.argv("up"), 3, shim))
    assert said.where.startswith("image redis:8.0.")
    assert said.what == "the registry 127.0.0.1:9 cannot be reached"
    assert "connection refused" in said.got
    step = "check network and proxy of the engine, or use `image_source: local` with `toolkit images build`"
    assert said.next_step == step
    assert on_engine(project.project) == []
    project.toolkit("render", "--check")


@pytest.mark.parametrize("words", [("restart", "lm-general"), ("logs", "lm-general")])
def test_a_service_that_does_not_exist(project: Stack, words: tuple[str, ...]) -> None:
    said = only(refuse(project, *words, code=2))
    assert (said.where, said.what) == ("SERVICES", "no service `lm-general`")
    assert said.next_step.startswith("did you mean `llm-general`? known: redis, mariadb, ")


def test_a_service_that_is_not_there(project: Stack) -> None:
    said = only(refuse(project, "logs", code=2))
    assert said == Said(project.project, "nothing is there to show", "", "toolkit up")
    said = only(refuse(project, "restart", "redis", code=2))
    assert said == Said("redis", "nothing is there to restart", "", "toolkit up")


def test_volumes_without_consent_to_their_loss(project: Stack) -> None:
    name = project.project
    what = f"this deletes all data of {name}: its volumes and everything in them"
    step = f"if you mean it: toolkit down --volumes --yes-delete {name}"
    assert only(refuse(project, "down", "--volumes", code=2)) == Said("--volumes", what, "no consent", step)
    said = only(refuse(project, "down", "--volumes", "--yes-delete=llm", code=2))
    assert said == Said("--volumes", what, "--yes-delete llm", step)
    assert containers_of(name) == []
    assert execute(*project.argv("down")).returncode == 0
