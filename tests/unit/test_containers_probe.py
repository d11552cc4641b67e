"""Facts out of the engine's answers; the door is the API, its answers are recorded from Engine 20.10."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from toolkit.errors import EngineError, Problem
from toolkit.facts import ContainerFact
from toolkit.probes.containers import Containers, container_fact
from toolkit.probes.engine_api import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from toolkit.clock import Deadline


class FakeApi:
    """Answers by name; what it does not have is not found. Notes the filters it was given."""

    def __init__(
        self,
        *,
        containers: dict[str, Any] | None = None,
        listed: list[dict[str, Any]] | None = None,
        images: dict[str, str] | None = None,
        volumes: list[str] | None = None,
        logs: bytes = b"",
    ) -> None:
        self._containers, self._listed = containers or {}, listed or []
        self._images, self._volumes, self._logs = images or {}, volumes or [], logs
        self.filters: dict[str, Any] = {}
        self.stopped: bool | None = None

    def info(self) -> dict[str, Any]:
        raise AssertionError("nobody asks for it here")

    def containers(self, filters: Mapping[str, Any], *, stopped: bool) -> list[dict[str, Any]]:
        self.filters, self.stopped = dict(filters), stopped
        return self._listed

    def container(self, name: str) -> dict[str, Any]:
        return dict(self._found(self._containers, name))

    def logs(self, container: str, tail: int) -> bytes:
        self._found(self._containers, container)
        return b"".join(self._logs.splitlines(keepends=True)[-tail:])

    def stats(self, container: str) -> dict[str, Any]:
        raise NotImplementedError(container)

    def errors(self, container: str) -> bytes:
        self._found(self._containers, container)
        return b"2026-12-01T04:00:00.5Z " + self._logs

    def image(self, reference: str) -> dict[str, Any]:
        return {"Id": self._found(self._images, reference)}

    def volumes(self, filters: Mapping[str, Any]) -> list[dict[str, Any]]:
        self.filters = dict(filters)
        return [{"Name": name} for name in self._volumes]

    def events(self, filters: Mapping[str, Any], deadline: Deadline) -> Any:
        raise NotImplementedError(filters, deadline)

    @staticmethod
    def _found(known: Mapping[str, Any], name: str) -> Any:
        if name not in known:
            raise NotFoundError(Problem("Docker Engine", "the engine refused with status 404", name))
        return known[name]


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
        listed=[{"Id": "id-redis"}, {"Id": "id-gone"}, {"Id": "id-edge"}],
        containers={"id-redis": inspected("redis"), "id-edge": inspected("edge")},
    )

    assert [fact.service for fact in Containers(api).of_project("llm-testing")] == ["edge", "redis"]
    assert api.stopped is True
    assert api.filters == {
        "label": ["com.docker.compose.project=llm-testing", "com.docker.compose.oneoff=False"]
    }


def test_an_unknown_container_is_none() -> None:
    assert Containers(FakeApi()).inspect("none") is None


def test_the_tail_of_a_log_survives_bytes_that_are_no_text() -> None:
    api = FakeApi(containers={"x": {}}, logs=b"one\ntwo and a half\nthree \xff\n")

    assert Containers(api).log_tail("x", 2) == ("two and a half", "three \ufffd")


def test_the_log_of_a_container_that_is_gone_is_an_error() -> None:
    with pytest.raises(EngineError, match="status 404"):
        Containers(FakeApi()).log_tail("x", 2)


def test_the_latest_health_check_s_last_lines() -> None:
    log = [{"Output": "old\n"}, {"Output": "a\nb\nNOAUTH\n"}]
    api = FakeApi(containers={"x": inspected(Health={"Status": "unhealthy", "Log": log})})

    assert Containers(api).health_log_tail("x", 2) == ("b", "NOAUTH")


@pytest.mark.parametrize("health", [None, {"Status": "starting", "Log": None}])
def test_no_health_check_has_ended_yet(health: Any) -> None:
    api = FakeApi(containers={"x": inspected(Health=health)})

    assert Containers(api).health_log_tail("x", 2) == ()
    assert Containers(api).health_log_tail("gone", 2) == ()


def test_image_ids() -> None:
    api = FakeApi(images={"llm-stack/redis:8.0": "sha256:29b3"})

    assert Containers(api).image_ids(["llm-stack/redis:8.0", "a:1", "a:1"]) == {
        "llm-stack/redis:8.0": "sha256:29b3",
        "a:1": None,
    }


def test_volume_names() -> None:
    api = FakeApi(volumes=["p_db"])

    assert Containers(api).volume_names("p") == {"p_db"}
    assert api.filters == {"label": ["com.docker.compose.project=p"]}
    assert Containers(FakeApi()).volume_names("p") == set()


def test_the_owner_of_a_port() -> None:
    api = FakeApi(listed=[{"Id": "1", "Names": ["/other-edge-1"]}])

    assert Containers(api).port_owner(8001) == "other-edge-1"
    assert (api.filters, api.stopped) == ({"publish": ["8001"]}, False)
    assert Containers(FakeApi()).port_owner(8001) is None


def test_errors_come_with_their_times() -> None:
    api = FakeApi(containers={"1": {}}, logs=b"Server a/b is UP\n")

    assert Containers(api).errors("1") == "2026-12-01T04:00:00.5Z Server a/b is UP\n"
    assert Containers(api).document("2") == {}
