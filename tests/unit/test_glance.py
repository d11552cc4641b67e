"""Two lists of the engine as facts, and the way to its socket."""

from __future__ import annotations

import json
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.http_double import Answers, response
from toolkit.clock import Deadline
from toolkit.errors import EngineError
from toolkit.facts import ContainerFact
from toolkit.probes.glance import Glance, glance_at
from toolkit.probes.http import Endpoint

if TYPE_CHECKING:
    from pathlib import Path

SOON = Deadline.after(3600)
BOX: dict[str, Any] = {
    "Id": "1f",
    "Names": ["/p-redis-1"],
    "State": "running",
    "Status": "Up 2 hours (healthy)",
    "ImageID": "sha256:ab",
    "Labels": {"com.docker.compose.service": "redis"},
}


def listing(*entries: Any) -> Glance:
    return Glance(Endpoint("unix://", connect=Answers(lambda _: response(200, json=list(entries)))))


def test_an_entry_of_the_list_is_a_fact() -> None:
    assert listing(BOX).of_project("p", SOON) == (
        ContainerFact(
            service="redis",
            container_id="1f",
            name="p-redis-1",
            state="running",
            health="healthy",
            image_id="sha256:ab",
            labels={"com.docker.compose.service": "redis"},
        ),
    )


@pytest.mark.parametrize(
    ("status", "health"),
    [
        ("Up 2 hours (healthy)", "healthy"),
        ("Up About a minute (unhealthy)", "unhealthy"),
        ("Up 3 seconds (health: starting)", "starting"),
        ("Up 3 seconds", None),
        ("Up 2 hours (Paused)", None),
        ("Exited (0) 2 hours ago", None),
        ("", None),
    ],
)
def test_health_is_read_from_the_status(status: str, health: str | None) -> None:
    (fact,) = listing({**BOX, "Status": status}).of_project("p", SOON)
    assert fact.health == health


def test_only_the_images_that_were_asked_for_count() -> None:
    found = listing({"Id": "sha256:1", "RepoTags": ["a:1", "b:1"]}, {"Id": "sha256:2", "RepoTags": None})
    assert found.image_ids({"a:1", "c:1"}, SOON) == {"a:1": "sha256:1"}


@pytest.mark.parametrize("entry", [{}, "x", None, {**BOX, "Names": []}, {**BOX, "Labels": 3}])
def test_what_is_no_list_of_containers_is_refused(entry: Any) -> None:
    with pytest.raises(EngineError, match=r"^Docker Engine: gave no list at /containers/json\n"):
        listing(entry).of_project("p", SOON)


def test_a_refusal_is_no_list() -> None:
    glance = Glance(Endpoint("unix://", connect=Answers(lambda _: response(500, json=[BOX]))))
    with pytest.raises(EngineError):
        glance.of_project("p", SOON)


@pytest.mark.parametrize("host", ["tcp://127.0.0.1:2375", "ssh://me@there", "npipe:////./pipe/x", ""])
def test_only_a_socket_of_this_machine_is_looked_at(host: str) -> None:
    assert glance_at(host) is None


def test_a_real_socket_is_asked(tmp_path: Path) -> None:
    path = tmp_path / "docker.sock"
    with socket.socket(socket.AF_UNIX) as server, ThreadPoolExecutor(1) as other:
        server.bind(str(path))
        server.listen()

        def serve() -> bytes:
            connection, _ = server.accept()
            with connection:
                asked = connection.recv(65536)
                body = json.dumps([BOX]).encode()
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
            return asked

        asked = other.submit(serve)
        glance = glance_at(f"unix://{path}")
        assert glance is not None
        assert [fact.service for fact in glance.of_project("p", SOON)] == ["redis"]
        assert asked.result(10).startswith(b"GET /containers/json?all=1&filters=%7B%22label%22")


def test_a_socket_that_is_not_there_is_no_list(tmp_path: Path) -> None:
    glance = glance_at(f"unix://{tmp_path / 'docker.sock'}")
    assert glance is not None
    with pytest.raises(EngineError):
        glance.of_project("p", SOON)
