"""Facts out of the engine's answers; the door is the API, its answers are recorded from Engine 20.10."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from toolkit.errors import EngineError, Problem
from toolkit.facts import ContainerFact
from toolkit.probes.containers import Containers, container_fact, unframed
from toolkit.probes.engine_api import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from toolkit.clock import Deadline


class FakeApi:
    """Answers by path; what it does not have is not found. Notes what was asked."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self.answers = answers
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def get(self, path: str, query: Mapping[str, object] | None = None) -> Any:
        self.asked.append((path, dict(query or {})))
        if path not in self.answers:
            raise NotFoundError(Problem("Docker Engine", "the engine refused with status 404", path))
        return self.answers[path]

    def get_bytes(self, path: str, query: Mapping[str, object] | None = None) -> bytes:
        return bytes(self.get(path, query))

    def stream(self, path: str, query: Mapping[str, object], deadline: Deadline) -> Any:
        raise NotImplementedError(path, query, deadline)

    def filters(self) -> Any:
        return json.loads(self.asked[0][1]["filters"])


def inspected(name: str = "redis", **state: Any) -> dict[str, Any]:
    return {
        "Id": f"id-{name}",
        "Name": f"/llm-testing-{name}-1",
        "RestartCount": 0,
        "Image": "sha256:29b3",
        "Config": {"Labels": {"com.docker.compose.service": name, "org.example.hash": "1f"}},
        "State": {
            "Status": "running",
            "OOMKilled": False,
            "ExitCode": 0,
            "Error": "",
            "StartedAt": "2026-11-20T11:48:15.729399211Z",
            **state,
        },
    }


def test_a_healthy_container() -> None:
    fact = container_fact(inspected(Health={"Status": "healthy", "Log": []}))

    assert fact == ContainerFact(
        service="redis",
        container_id="id-redis",
        name="llm-testing-redis-1",
        state="running",
        health="healthy",
        image_id="sha256:29b3",
        labels={"com.docker.compose.service": "redis", "org.example.hash": "1f"},
        started_at="2026-11-20T11:48:15.729399211Z",
    )
    assert fact.healthy


@pytest.mark.parametrize("health", [{}, {"Health": None}, {"Health": {"Status": "none"}}])
def test_without_a_health_check_nothing_is_healthy(health: dict[str, Any]) -> None:
    fact = container_fact(inspected(**health))

    assert fact.health is None
    assert not fact.healthy


def test_a_container_that_could_not_start() -> None:
    error = "driver failed programming external connectivity: port is already allocated"
    fact = container_fact(
        inspected(Status="created", ExitCode=128, Error=error, StartedAt="0001-01-01T00:00:00Z")
    )

    assert (fact.state, fact.exit_code, fact.error, fact.started_at) == ("created", 128, error, "")


def test_a_container_killed_for_memory() -> None:
    fact = container_fact(inspected(Status="exited", OOMKilled=True, ExitCode=137))

    assert (fact.oom_killed, fact.exit_code) == (True, 137)


def test_a_project_s_containers_by_service_without_one_that_vanished_meanwhile() -> None:
    api = FakeApi(
        {
            "/containers/json": [{"Id": "id-redis"}, {"Id": "id-gone"}, {"Id": "id-edge"}],
            "/containers/id-redis/json": inspected("redis"),
            "/containers/id-edge/json": inspected("edge"),
        }
    )

    assert [fact.service for fact in Containers(api).of_project("llm-testing")] == ["edge", "redis"]
    assert api.asked[0][1]["all"] == "true"
    assert api.filters() == {
        "label": ["com.docker.compose.project=llm-testing", "com.docker.compose.oneoff=False"]
    }


def test_an_unknown_container_is_none() -> None:
    assert Containers(FakeApi({})).inspect("none") is None


def frame(stream: int, text: bytes) -> bytes:
    return bytes([stream, 0, 0, 0]) + len(text).to_bytes(4, "big") + text


def test_the_tail_of_a_log_is_both_streams_in_order() -> None:
    raw = frame(1, b"one\ntwo") + frame(2, b" and a half\n") + frame(1, b"three \xff\n")
    api = FakeApi({"/containers/x/logs": raw})

    assert Containers(api).log_tail("x", 2) == ("two and a half", "three \ufffd")
    assert api.asked[0][1] == {"stdout": "true", "stderr": "true", "tail": "2"}


def test_a_log_with_a_tty_has_no_frames() -> None:
    assert unframed(b"plain text\n") == b"plain text\n"
    assert unframed(b"") == b""


def test_the_log_of_a_container_that_is_gone_is_an_error() -> None:
    with pytest.raises(EngineError, match="status 404"):
        Containers(FakeApi({})).log_tail("x", 2)


def test_the_latest_health_check_s_last_lines() -> None:
    log = [{"Output": "old\n"}, {"Output": "a\nb\nNOAUTH\n"}]
    api = FakeApi({"/containers/x/json": inspected(Health={"Status": "unhealthy", "Log": log})})

    assert Containers(api).health_log_tail("x", 2) == ("b", "NOAUTH")


@pytest.mark.parametrize("health", [None, {"Status": "starting", "Log": None}])
def test_no_health_check_has_ended_yet(health: Any) -> None:
    api = FakeApi({"/containers/x/json": inspected(Health=health)})

    assert Containers(api).health_log_tail("x", 2) == ()
    assert Containers(api).health_log_tail("gone", 2) == ()


def test_image_ids() -> None:
    api = FakeApi({"/images/llm-stack/redis:8.0/json": {"Id": "sha256:29b3"}})

    assert Containers(api).image_ids(["llm-stack/redis:8.0", "a:1", "a:1"]) == {
        "llm-stack/redis:8.0": "sha256:29b3",
        "a:1": None,
    }
    assert len(api.asked) == 2


@pytest.mark.parametrize(("volumes", "names"), [([{"Name": "p_db"}], {"p_db"}), (None, set())])
def test_volume_names(volumes: Any, names: set[str]) -> None:
    api = FakeApi({"/volumes": {"Volumes": volumes}})

    assert Containers(api).volume_names("p") == names
    assert api.filters() == {"label": ["com.docker.compose.project=p"]}


def test_the_owner_of_a_port() -> None:
    api = FakeApi({"/containers/json": [{"Id": "1", "Names": ["/other-edge-1"]}]})

    assert Containers(api).port_owner(8001) == "other-edge-1"
    assert api.filters() == {"publish": ["8001"]}
    assert Containers(FakeApi({"/containers/json": []})).port_owner(8001) is None
