"""What is called, word by word."""

from __future__ import annotations

from pathlib import Path

from toolkit.engine import argv

PROJECT = argv.Project("llm-testing", Path("/srv/llm/build/testing"))
BOUND = (
    *("--project-name", "llm-testing", "--project-directory", "/srv/llm/build/testing"),
    *("--file", "/srv/llm/build/testing/compose.yaml"),
)


PLAIN = ("docker", "compose", "--ansi", "never", "--progress", "plain")
EVERY_PROFILE = ("--profile", "*")


def verb(call: argv.Argv) -> str:
    """Return the verb and what follows; all but `up` know the services on demand, too."""
    start = call.index(BOUND[-1]) + 1
    profiles = () if call[start] == "up" else EVERY_PROFILE
    assert call[:start] == (*PLAIN, *profiles, *BOUND)
    return " ".join(call[start:])


def test_config_prints_nothing() -> None:
    assert verb(argv.compose_config(PROJECT)) == "config --quiet"


def test_up_neither_builds_nor_pulls() -> None:
    plain = "up -d --no-build --pull never"

    assert verb(argv.compose_up(PROJECT)) == f"{plain} --remove-orphans"
    assert verb(argv.compose_up(PROJECT, ["redis"])) == f"{plain} redis"
    assert verb(argv.compose_up(PROJECT, ["redis"], with_dependencies=False)) == f"{plain} --no-deps redis"


def test_a_container_that_is_there_is_not_created_anew() -> None:
    call = argv.compose_create(PROJECT, ["llm-fast"])
    assert verb(call) == "create --no-build --pull never --no-recreate llm-fast"


def test_down_keeps_volumes_unless_asked() -> None:
    assert verb(argv.compose_down(PROJECT)) == "down --remove-orphans"
    assert verb(argv.compose_down(PROJECT, volumes=True)) == "down --remove-orphans --volumes"


def test_the_other_verbs() -> None:
    assert verb(argv.compose_stop(PROJECT, ["edge"])) == "stop edge"
    assert verb(argv.compose_restart(PROJECT, ["edge", "redis"])) == "restart --no-deps edge redis"
    assert verb(argv.compose_ps(PROJECT)) == "ps --all --format json"


def test_logs() -> None:
    assert verb(argv.compose_logs(PROJECT, follow=False, tail=None)) == "logs --no-color --tail all"
    assert (
        verb(argv.compose_logs(PROJECT, ["edge"], follow=True, tail=20))
        == "logs --no-color --follow --tail 20 edge"
    )


def test_docker_calls() -> None:
    assert argv.engine_version() == ("docker", "version", "--format", "{{json .}}")
    assert argv.compose_version() == ("docker", "compose", "version", "--short")
    assert argv.image_pull("redis:8.0") == ("docker", "pull", "redis:8.0")
    assert argv.image_inspect(["a:1", "b:2"])[-2:] == ("a:1", "b:2")
    assert argv.kill("x-edge-1", "USR2") == ("docker", "kill", "--signal", "USR2", "x-edge-1")
    assert argv.execute("x-redis-1", ["redis-cli", "ping"]) == (
        *("docker", "exec", "--interactive", "x-redis-1", "redis-cli", "ping"),
    )


def test_a_throw_away_container_has_no_network_and_never_pulls() -> None:
    once = argv.ThrowAway(
        image="llm-stack/haproxy:3.0",
        command=("-c", "-f", "/cfg/haproxy.cfg"),
        entrypoint="haproxy",
        user="99:99",
        mounts=(argv.Mount(Path("/srv/edge"), "/cfg"), argv.Mount(Path("/srv/out"), "/out", writable=True)),
    )

    assert " ".join(argv.run(once)) == (
        "docker run --rm --interactive --pull never --network none --user 99:99 --entrypoint haproxy"
        " --mount type=bind,source=/srv/edge,target=/cfg,readonly"
        " --mount type=bind,source=/srv/out,target=/out"
        " llm-stack/haproxy:3.0 -c -f /cfg/haproxy.cfg"
    )


def test_a_throw_away_container_of_nothing_but_an_image() -> None:
    assert argv.run(argv.ThrowAway("base"))[-3:] == ("--network", "none", "base")
