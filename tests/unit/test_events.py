"""Waiting on events: what makes it end, at once or at the deadline; the engine is a script of states."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from toolkit.clock import Deadline
from toolkit.errors import Problem
from toolkit.facts import ContainerFact, Outcome, failure_of
from toolkit.probes.engine_api import NotFoundError
from toolkit.probes.events import Events

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SOON = Deadline.after(3600)
Now = dict[str, dict[str, Any]]


def container(service: str, state: str = "running", health: str | None = "starting", **more: Any) -> Now:
    restarts = more.pop("restarts", 0)
    return {
        f"id-{service}": {
            "Id": f"id-{service}",
            "Name": f"/p-{service}-1",
            "RestartCount": restarts,
            "Image": "sha256:1",
            "Config": {"Labels": {"com.docker.compose.service": service}},
            "State": {
                "Status": state,
                "ExitCode": 0,
                **({"Health": {"Status": health}} if health else {}),
                **more,
            },
        }
    }


class Script:
    """The engine: a first state, then events, each with the state that it leaves behind (None: removed)."""

    def __init__(self, first: Now, *steps: tuple[str, str, Now | None, dict[str, str]]) -> None:
        self.now = dict(first)
        self.steps = steps
        self.asked: list[str] = []
        self.filters: Mapping[str, Any] = {}

    def info(self) -> dict[str, Any]:
        raise AssertionError("nobody asks for it here")

    def containers(self, filters: Mapping[str, Any], *, stopped: bool) -> list[dict[str, Any]]:
        assert stopped
        assert filters["label"][0] == "com.docker.compose.project=p"
        self.asked.append("containers")
        return [{"Id": one} for one in self.now]

    def container(self, name: str) -> dict[str, Any]:
        self.asked.append(name)
        if name not in self.now:
            raise NotFoundError(Problem("Docker Engine", "the engine refused with status 404", name))
        return self.now[name]

    def logs(self, container: str, tail: int) -> bytes:
        raise NotImplementedError(container, tail)

    def stats(self, container: str) -> dict[str, Any]:
        raise NotImplementedError(container)

    def errors(self, container: str) -> bytes:
        raise NotImplementedError(container)

    def image(self, reference: str) -> dict[str, Any]:
        raise NotImplementedError(reference)

    def volumes(self, filters: Mapping[str, Any]) -> list[dict[str, Any]]:
        raise NotImplementedError(filters)

    @contextmanager
    def events(self, filters: Mapping[str, Any], deadline: Deadline) -> Iterator[Iterator[Any]]:
        assert deadline is SOON
        self.asked.append("events")
        self.filters = filters
        yield self._events()

    def _events(self) -> Iterator[Any]:
        for service, action, after, attributes in self.steps:
            if after is None:
                self.now.pop(f"id-{service}", None)
            else:
                self.now.update(after)
            yield {"Action": action, "Actor": {"ID": f"id-{service}", "Attributes": attributes}}


def event(
    service: str, action: str, after: Now | None, **attributes: str
) -> tuple[str, str, Now | None, dict[str, str]]:
    return service, action, after, attributes


def wait(script: Script, *services: str) -> tuple[Outcome, list[str]]:
    seen: list[str] = []

    def note(fact: ContainerFact) -> None:
        seen.append(f"{fact.service} {fact.state} {fact.health}")

    return Events(script, "p").wait_until(services, SOON, on_change=note), seen


def why(outcome: Outcome) -> dict[str, str]:
    assert not outcome.ok
    return {failure.fact.service: failure.why for failure in outcome.failures}


def test_it_ends_when_the_last_one_is_healthy_and_shows_each_change_once() -> None:
    redis = container("redis", health="healthy")
    script = Script(
        {**container("redis"), **container("mariadb")},
        event("redis", "health_status: healthy", redis),
        event("redis", "health_status: healthy", redis),
        event("mariadb", "health_status: healthy", container("mariadb", health="healthy")),
        event("redis", "die", container("redis", state="exited"), exitCode="1"),
    )

    outcome, seen = wait(script, "redis", "mariadb")

    assert outcome.ok
    assert sorted(fact.service for fact in outcome.facts) == ["mariadb", "redis"]
    assert seen == [
        "mariadb running starting",
        "redis running starting",
        "redis running healthy",
        "mariadb running healthy",
    ]


def test_it_listens_before_it_looks() -> None:
    script = Script(container("redis", health="healthy"))

    wait(script, "redis")

    assert script.asked == ["events", "containers", "id-redis"]
    assert script.filters["label"] == ["com.docker.compose.project=p"]
    assert {"die", "oom", "health_status", "destroy"} <= set(script.filters["event"])


def test_others_in_the_project_do_not_count() -> None:
    outcome, seen = wait(
        Script({**container("redis", health="healthy"), **container("old", state="exited")}), "redis"
    )

    assert outcome.ok
    assert seen == ["redis running healthy"]


def test_at_the_deadline_those_still_on_their_way_are_named() -> None:
    outcome, _ = wait(Script(container("redis", health="healthy")), "redis", "mariadb")

    assert (outcome.ok, outcome.failures, outcome.pending) == (False, (), ("mariadb",))


def test_an_unhealthy_one_may_still_arrive() -> None:
    script = Script(
        container("llm"),
        event("llm", "health_status: unhealthy", container("llm", health="unhealthy")),
        event("llm", "health_status: healthy", container("llm", health="healthy")),
    )

    assert wait(script, "llm")[0].ok


def test_an_end_is_a_failure_at_once_even_with_exit_code_0() -> None:
    script = Script(
        {**container("llm"), **container("redis")},
        event("llm", "die", container("llm", state="exited"), exitCode="0"),
        event("redis", "health_status: healthy", container("redis", health="healthy")),
    )

    outcome, seen = wait(script, "llm", "redis")

    assert why(outcome) == {"llm": "ended with exit code 0"}
    assert outcome.pending == ("llm", "redis")
    assert seen[-1] == "llm exited starting"


def test_a_crash_loop_is_seen_at_its_first_turn_with_the_event_s_exit_code() -> None:
    script = Script(
        container("redis"),
        event("redis", "die", container("redis", restarts=1), exitCode="3"),
    )

    assert why(wait(script, "redis")[0]) == {
        "redis": "ended with exit code 3; the engine keeps restarting it"
    }


def test_a_crash_loop_that_began_before_is_seen_in_its_state() -> None:
    script = Script(container("redis", state="restarting", ExitCode=1, restarts=7))

    assert why(wait(script, "redis")[0]) == {
        "redis": "ended with exit code 1; the engine keeps restarting it"
    }


def test_restarts_of_long_ago_are_no_failure() -> None:
    assert wait(Script(container("redis", health="healthy", restarts=7)), "redis")[0].ok
    outcome, _ = wait(Script(container("redis", restarts=7)), "redis")
    assert (outcome.failures, outcome.pending) == ((), ("redis",))


def test_a_memory_kill_is_named_with_its_exit_code() -> None:
    script = Script(
        container("llm"),
        event("llm", "oom", container("llm")),
        event("llm", "die", container("llm", state="restarting", OOMKilled=True), exitCode="137"),
    )

    assert why(wait(script, "llm")[0]) == {
        "llm": "was killed for memory, having reached its limit, with exit code 137; "
        "the engine keeps restarting it"
    }


def test_a_memory_kill_of_a_child_is_known_from_its_event_alone() -> None:
    script = Script(
        container("llm"),
        event("llm", "oom", container("llm")),
        event("llm", "die", container("llm", state="exited"), exitCode="1"),
    )

    assert why(wait(script, "llm")[0]) == {
        "llm": "was killed for memory, having reached its limit, with exit code 1"
    }


def test_one_that_could_not_start_is_a_failure_from_the_first_look() -> None:
    script = Script(container("edge", state="created", health=None, Error="port is already allocated"))

    assert why(wait(script, "edge")[0]) == {"edge": "could not be started: port is already allocated"}


def test_one_that_is_only_created_is_waited_for() -> None:
    script = Script(
        container("edge", state="created", health=None),
        event("edge", "start", container("edge")),
        event("edge", "health_status: healthy", container("edge", health="healthy")),
    )

    assert wait(script, "edge")[0].ok


def test_without_a_health_check_it_never_is_healthy() -> None:
    assert why(wait(Script(container("redis", health=None)), "redis")[0]) == {
        "redis": "has no health check, so nothing tells when it serves"
    }


def test_the_caller_may_call_something_else_ready() -> None:
    script = Script(container("redis", health=None))

    assert Events(script, "p").wait_until(["redis"], SOON, ready=lambda fact: fact.state == "running").ok


def test_a_removed_one_is_a_failure() -> None:
    script = Script(container("redis"), event("redis", "destroy", None))

    assert why(wait(script, "redis")[0]) == {"redis": "was removed"}


def test_a_removed_one_whose_successor_runs_is_forgotten() -> None:
    new = container("redis", health="healthy")["id-redis"]
    script = Script(
        {**container("redis"), "id-new": {**new, "Id": "id-new"}},
        event("redis", "destroy", None),
    )

    outcome, _ = wait(script, "redis")

    assert outcome.ok
    assert [fact.container_id for fact in outcome.facts] == ["id-new"]


def test_all_failures_of_the_first_look_are_told() -> None:
    script = Script({**container("a", state="exited"), **container("b", state="dead", ExitCode=2)})

    assert why(wait(script, "a", "b")[0]) == {"a": "ended with exit code 0", "b": "ended with exit code 2"}


@pytest.mark.parametrize("state", ["running", "paused", "created"])
def test_what_may_still_become_healthy_is_no_failure(state: str) -> None:
    assert failure_of(ContainerFact("s", "1", "n", state, health="starting"), 0) == ""
