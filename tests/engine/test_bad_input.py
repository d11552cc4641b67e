"""What stands in the way on a real machine: exact exit code and words, and nothing half-written remains."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.datastores import rows
from tests.support.engine import containers_of, execute
from tests.support.other_machine import docker_shim, small_disk, without_compose
from tests.support.refusals import Said, on_engine, only, refused, tree
from tests.support.stack import OFF, Stack, gone_at_the_end

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

pytestmark = pytest.mark.engine
LISTEN = (
    "import socket, sys; s = socket.create_server(('127.0.0.1', int(sys.argv[1]))); print(); sys.stdin.read()"
)
PORT = "stop it, or choose another port: services.edge.port in toolkit.yaml"


@pytest.fixture
def project(tmp_path: Path) -> Stack:
    """All five services, never up."""
    (tmp_path / "project").mkdir()
    return Stack(tmp_path / "project")


@pytest.fixture
def datastores(tmp_path: Path) -> Iterator[Stack]:
    """Redis and MariaDB, gone at the end."""
    (tmp_path / "project").mkdir()
    with gone_at_the_end(Stack(tmp_path / "project", llm_general=OFF, llm_fast=OFF)) as stack:
        yield stack


def refuse(
    project: Stack, *words: str, code: int = 1, env: Mapping[str, str] | None = None
) -> tuple[Said, ...]:
    """Return the problems of a verb; files and engine have to be as they were."""
    before = (tree(project.directory), on_engine(project.project))
    problems = refused(project.argv(*words), code, env)
    assert (tree(project.directory), on_engine(project.project)) == before
    return problems


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
    step = "correct `source: dir:…` of the model, or put the files there"
    missing = [
        Said(name, "its model's directory is not there", "/nope", step)
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


def test_a_disk_that_is_full(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        project = Stack(disk, llm_general=OFF, llm_fast=OFF)
        project.toolkit("render")
        full = disk / "full"
        with full.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space left"):
            while file.write(bytes(512)):
                pass
        project.sets.append("services.redis.max_clients=77")
        for verb in ("render", "up"):
            said = only(refuse(project, verb, code=3))
            assert (said.where, said.what) == (str(project.build), "the disk is full; nothing was published")
            assert "No space left on device" in said.got
            assert said.next_step == "free some space (`df -h .`), then run it again"
        said = only(refuse(project, "init", "--force", code=3))
        assert (said.where, said.what) == (str(disk / "toolkit.yaml"), "it cannot be written")
        assert "No space left on device" in said.got
        assert said.next_step == "free some space, or make the directory writable for this user"

        full.unlink()
        project.toolkit("render", "--check", code=4)
        project.toolkit("render")
        project.toolkit("render", "--check")


def test_a_data_volume_whose_secret_is_gone(datastores: Stack) -> None:
    datastores.up()
    rows(datastores, "CREATE TABLE toolkit.kept (name TEXT); INSERT INTO toolkit.kept VALUES ('still here')")
    secrets = [datastores.state / "secrets" / name for name in ("mariadb-root-password", "mariadb-password")]
    kept = {secret: secret.rename(datastores.directory / f"kept-{secret.name}") for secret in secrets}
    lost = Said(
        "mariadb",
        f"volume {datastores.project}_mariadb-data has data, but its secret is gone",
        "not in .toolkit/development/secrets/: mariadb-root-password, mariadb-password",
        "put the old files back into .toolkit/development/secrets/\nor give the data up: toolkit down "
        f"--env development --volumes --yes-delete {datastores.project}",
    )
    # Also while it runs: a new secret in its place would be noticed only at the next start.
    assert only(refuse(datastores, "up")) == lost
    compose = only(refused(without_compose(datastores.argv("restart", "redis")), 3))
    assert (compose.where, compose.what) == ("Docker Compose", "docker has no command `compose`")
    datastores.toolkit("down")
    assert only(refuse(datastores, "up")) == lost

    for secret, copy in kept.items():
        copy.rename(secret)
    datastores.up()
    assert rows(datastores, "SELECT name FROM toolkit.kept") == [["still here"]]


@pytest.mark.parametrize("words", [("restart", "lm-general"), ("logs", "lm-general")])
def test_a_service_that_does_not_exist(project: Stack, words: tuple[str, ...]) -> None:
    said = only(refuse(project, *words, code=2))
    assert (said.where, said.what) == ("SERVICES", "no service `lm-general`")
    assert said.next_step.startswith("did you mean `llm-general`? known: redis, mariadb, edge, ")


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
