"""A wait that ends badly shows what the services left, before anything could remove it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest

from tests.support.fake_engine import FakeEngine
from toolkit.errors import ServiceFailedError
from toolkit.facts import ContainerFact, Failure, Outcome
from toolkit.probes.containers import Containers, container_fact
from toolkit.routines.settle import settle


def engine(**states: dict[str, Any]) -> FakeEngine:
    there = FakeEngine()
    for service, state in states.items():
        there.boxes[service] = {
            "Id": f"id-{service}",
            "Name": f"/p-{service}-1",
            "RestartCount": state.pop("restarts", 0),
            "Image": "sha256:1",
            "Config": {"Labels": {"com.docker.compose.service": service}},
            "State": {"ExitCode": 0, **state},
        }
    return there


def facts(there: FakeEngine) -> tuple[ContainerFact, ...]:
    return tuple(container_fact(box) for box in there.boxes.values())


def refused(there: FakeEngine, outcome: Outcome, *services: str) -> str:
    with pytest.raises(ServiceFailedError) as caught:
        settle(lambda *_: outcome, Containers(there), dict.fromkeys(services, 90.0))
    assert caught.value.exit_code == 3
    return str(caught.value)


def test_a_good_end_is_passed_on_and_the_services_are_waited_for() -> None:
    there = engine(redis={"Status": "running", "Health": {"Status": "healthy"}})
    outcome = Outcome(facts(there), (), ())
    asked: list[tuple[Collection[str], float]] = []

    def wait(services: Collection[str], until_s: float) -> Outcome:
        asked.append((services, until_s))
        return outcome

    assert settle(wait, Containers(there), {"redis": 90.0}) is outcome
    assert asked == [(("redis",), 90.0)]


def test_each_service_has_a_time_of_its_own() -> None:
    there = engine(
        redis={"Status": "running", "Health": {"Status": "starting"}},
        mariadb={"Status": "running", "Health": {"Status": "starting"}},
    )
    asked: list[float] = []

    def wait(_: Collection[str], until_s: float) -> Outcome:
        asked.append(until_s)
        return Outcome(facts(there), (), ("mariadb",) if until_s < 90 else ("mariadb", "redis"))

    with pytest.raises(ServiceFailedError, match=r"^redis: is not healthy after 90 s\n"):
        settle(wait, Containers(there), {"redis": 90.0, "mariadb": 300.0, "edge": 20.0})
    assert asked == [20.0, 90.0]


def test_a_failure_is_told_with_state_restarts_and_last_lines() -> None:
    there = engine(redis={"Status": "restarting", "ExitCode": 1, "restarts": 3})
    there.logs_of["redis"] = "Fatal error\nsee line 3\n"
    (fact,) = facts(there)

    text = refused(there, Outcome((fact,), (Failure(fact, "ended with exit code 1"),), ("redis",)), "redis")

    assert text == (
        "redis: ended with exit code 1\n"
        "   got: state restarting, exit code 1, OOM-killed no, 3 restarts\n"
        "        last lines:\n"
        "        Fatal error\n"
        "        see line 3\n"
        "  next: look at all of it: toolkit logs redis"
    )


def test_one_that_is_late_is_told_with_what_its_health_check_says() -> None:
    log = [{"Output": "first"}, {"Output": "could not connect\nto 127.0.0.1:6379"}]
    there = engine(redis={"Status": "running", "Health": {"Status": "unhealthy", "Log": log}})

    text = refused(there, Outcome(facts(there), (), ("redis",)), "redis")

    assert text == (
        "redis: is not healthy after 90 s\n"
        "   got: state running, exit code 0, OOM-killed no\n"
        "        health check: could not connect\n"
        "        health check: to 127.0.0.1:6379\n"
        "        last lines:\n"
        "        (none)\n"
        "  next: look at all of it: toolkit logs redis"
    )


def test_where_one_failed_the_others_are_not_called_late() -> None:
    there = engine(
        redis={"Status": "exited", "ExitCode": 1},
        mariadb={"Status": "running", "Health": {"Status": "starting"}},
    )
    failed, waiting = facts(there)

    text = refused(
        there,
        Outcome((failed, waiting), (Failure(failed, "ended"),), ("redis", "mariadb")),
        "redis",
        "mariadb",
    )

    assert text.startswith("redis: ended\n")
    assert "mariadb" not in text


def test_one_that_never_appeared_is_told() -> None:
    assert refused(engine(), Outcome((), (), ("redis",)), "redis") == "redis: its container never appeared"
