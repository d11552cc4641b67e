"""The everyday verbs on the running stack: status, logs, restart, and what they refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.engine import docker, volumes_of
from tests.support.stack import SERVICES

if TYPE_CHECKING:
    from tests.support.stack import Stack

pytestmark = pytest.mark.engine


def test_status_of_a_healthy_stack(stack: Stack) -> None:
    seen = stack.toolkit("status", "--output=json").json
    assert (seen["environment"], seen["project"]) == ("development", stack.project)
    rows = {row["service"]: row for row in seen["services"]}
    assert set(rows) == set(SERVICES)
    for service, row in rows.items():
        assert (service, row["state"], row["differs"], row["oom_killed"]) == (service, "healthy", "", False)
    text = stack.toolkit("status").out
    assert text.splitlines()[0] == stack.project
    assert text.count("healthy") == len(SERVICES)


def test_status_says_what_up_would_do(stack: Stack) -> None:
    docker("stop", stack.container("redis"))
    before = stack.lives()
    ran = stack.toolkit("status", code=1)
    (line,) = [line for line in ran.out.splitlines() if "redis" in line]
    assert "exited" in line
    assert "`toolkit up` will start it: it is exited (exit code 0)" in line
    done = stack.up()
    assert [(action["service"], action["kind"]) for action in done["actions"]] == [("redis", "start")]
    after = stack.lives()
    assert {service for service in SERVICES if before[service] != after[service]} == {"redis"}
    assert before["redis"][0] == after["redis"][0]


def test_status_of_a_profile_that_differs(stack: Stack) -> None:
    before = stack.lives()
    seen = stack.toolkit("status", "--output=json", "--set=services.redis.max_clients=100", code=1).json
    differs = {row["service"]: row["differs"] for row in seen["services"] if row["differs"]}
    assert differs == {"redis": "its definition changed"}
    assert stack.lives() == before


def test_restart_of_one_service(stack: Stack) -> None:
    before = stack.lives()
    ran = stack.toolkit("restart", "redis", "--output=json")
    assert ran.json == {"restarted": {"redis": "healthy"}}
    after = stack.lives()
    assert {service for service in SERVICES if before[service] != after[service]} == {"redis"}
    assert before["redis"][0] == after["redis"][0]


def test_logs_of_one_service_and_of_all(stack: Stack) -> None:
    one = stack.toolkit("logs", "redis", "--tail=3").out.splitlines()
    assert len(one) == 3
    assert all("redis" in line for line in one)
    every = stack.toolkit("logs", "--tail=1").out
    assert all(service in every for service in SERVICES)


@pytest.mark.parametrize("verb", ["logs", "restart"])
def test_an_unknown_service(stack: Stack, verb: str) -> None:
    before = stack.lives()
    refused = stack.toolkit(verb, "llm-genral", code=2)
    assert "no service `llm-genral`" in refused.err
    assert "did you mean `llm-general`?" in refused.err
    assert stack.lives() == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--volumes",), "toolkit down --volumes --yes-delete "),
        (("--volumes", "--yes-delete", "llm-development"), "got: --yes-delete llm-development"),
        (("--yes-delete", "llm-development"), "it consents to --volumes, which was not given"),
    ],
)
def test_volumes_are_deleted_only_by_name(stack: Stack, words: tuple[str, ...], said: str) -> None:
    before, volumes = stack.lives(), volumes_of(stack.project)
    refused = stack.toolkit("down", *words, code=2)
    assert said in refused.err
    assert (stack.lives(), volumes_of(stack.project)) == (before, volumes)
    assert {name.removeprefix(f"{stack.project}_") for name in volumes} == {
        "edge-sockets",
        "mariadb-data",
        "model-cache",
        "prometheus-data",
        "redis-data",
        "response-cache",
        "vector-db-data",
    }
