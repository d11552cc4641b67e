"""Versions, and an engine out of reach, in the words of the commands themselves."""

from __future__ import annotations

import pytest

from toolkit.engine import parse


def test_engine_version() -> None:
    text = '{"Client":{},"Server":{"Version":"20.10.24+dfsg1","ApiVersion":"1.41","Arch":"amd64"}}'

    assert parse.engine_version(text) == parse.EngineVersion("20.10.24+dfsg1", "1.41", "amd64")


@pytest.mark.parametrize("text", ['{"Client":{},"Server":null}', "", "no JSON", "[]"])
def test_no_engine_answered(text: str) -> None:
    assert parse.engine_version(text) is None


@pytest.mark.parametrize(
    ("line", "host"),
    [
        (
            "Cannot connect to the Docker daemon at unix:///tmp/none.sock. Is the docker daemon running?",
            "unix:///tmp/none.sock",
        ),
        (
            "failed to connect to the docker API at unix:///var/run/docker.sock; check if the path is correct"
            " and if the daemon is running: dial unix /var/run/docker.sock: connect: no such file or directory",
            "unix:///var/run/docker.sock",
        ),
        (
            "Cannot connect to the Docker daemon at tcp://127.0.0.1:1. Is the docker daemon running?",
            "tcp://127.0.0.1:1",
        ),
        (
            'error during connect: Get "http://build.local:2375/v1.50/version": dial tcp: no such host',
            "unix:///var/run/docker.sock",
        ),
    ],
)
def test_an_engine_that_does_not_run(line: str, host: str) -> None:
    problem = parse.unreachable(line + "\n")

    assert problem is not None
    assert (problem.where, problem.what, problem.got) == (
        f"Docker Engine at {host}",
        "the engine is not running",
        line,
    )
    assert problem.next_step.startswith("start it: `systemctl start docker`, or `make up`")
    assert ("unset DOCKER_HOST" in problem.next_step) == (host != "unix:///var/run/docker.sock")


@pytest.mark.parametrize(
    "line",
    [
        "Got permission denied while trying to connect to the Docker daemon socket at"
        ' unix:///var/run/docker.sock: Get "http://%2Fvar%2Frun%2Fdocker.sock/v1.41/version": dial unix'
        " /var/run/docker.sock: connect: permission denied",
        "permission denied while trying to connect to the docker API at unix:///var/run/docker.sock",
    ],
)
def test_a_socket_that_is_not_ours(line: str) -> None:
    problem = parse.unreachable(line)

    assert problem is not None
    assert problem.where == "Docker Engine at unix:///var/run/docker.sock"
    assert problem.what == "this user may not talk to the engine"
    assert problem.next_step == (
        "join the group docker (`sudo usermod -aG docker $USER`, then log in again), or use sudo"
    )


def test_other_words_are_no_unreachable_engine() -> None:
    assert parse.unreachable("Error response from daemon: permission denied\n") is None


@pytest.mark.parametrize(
    "stderr",
    [
        "docker: 'compose' is not a docker command.\nSee 'docker --help'",
        "docker: unknown command: docker compose\n\nRun 'docker --help' for more information",
        "unknown flag: --short\nSee 'docker --help'.",
    ],
)
def test_a_missing_compose(stderr: str) -> None:
    assert parse.plugin_missing(stderr)


def test_a_broken_compose_is_not_a_missing_one() -> None:
    assert not parse.plugin_missing("fork/exec /root/.docker/cli-plugins/docker-compose: exec format error")
