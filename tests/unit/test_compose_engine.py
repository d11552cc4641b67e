"""What the engine is asked to do, and how each refusal reads; the runner is the door."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from toolkit.clock import Deadline
from toolkit.engine.abilities import Abilities, engine_abilities
from toolkit.engine.argv import ThrowAway
from toolkit.engine.compose import ComposeEngine
from toolkit.engine.runner import Completed, ProgramMissingError, Stdin
from toolkit.errors import EngineError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Left = tuple[int, str, str]
ENGINE = '{"Client":{},"Server":{"Version":"%s","ApiVersion":"1.41","Arch":"amd64"}}'
GONE = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\n"
SOON = Deadline.after(3600)


@dataclass
class FakeRunner:
    """Answers a call by the first key that is in its words; notes every call."""

    answers: Mapping[str, Left] = field(default_factory=dict)
    calls: list[tuple[str, Stdin]] = field(default_factory=list)

    def run(
        self,
        argv: Sequence[str],
        *,
        cwd: Path | None = None,  # noqa: ARG002
        env: Mapping[str, str] | None = None,  # noqa: ARG002
        deadline: Deadline | None = None,  # noqa: ARG002
        stdin: Stdin = None,
        on_line: Callable[[str], None] | None = None,
    ) -> Completed:
        words = " ".join(argv)
        self.calls.append((words, stdin))
        found = next((left for key, left in self.answers.items() if key in words), (0, "", ""))
        if on_line is not None:
            for line in found[2].splitlines():
                on_line(line)
        return Completed(tuple(argv), *found, elapsed_s=0.1)


class NoDocker(FakeRunner):
    def run(self, argv: Sequence[str], **_: object) -> Completed:
        raise ProgramMissingError(Problem(argv[0], "this program is not on PATH"))


def engine(**answers: Left) -> tuple[ComposeEngine, FakeRunner]:
    runner = FakeRunner({key.replace("_", " "): left for key, left in answers.items()})
    return ComposeEngine(runner, "llm-testing", Path("/srv/build/testing")), runner


def refusal(act: Callable[[], object]) -> tuple[str, int]:
    with pytest.raises(EngineError) as caught:
        act()
    return str(caught.value), caught.value.exit_code


def test_up_passes_each_line_on_while_it_works() -> None:
    compose, runner = engine(up=(0, "", " Container llm-testing-redis-1  Started\n"))
    lines: list[str] = []

    compose.up(["redis"], on_line=lines.append)

    assert lines == [" Container llm-testing-redis-1  Started"]
    assert runner.calls[0][0].endswith("up -d --no-build --pull never redis")


def test_a_failed_up_is_told_as_what_it_is() -> None:
    line = (
        "Error on endpoint llm-testing-edge-1 (8f): Bind for 127.0.0.1:8001 failed: port is already allocated"
    )
    compose, _ = engine(up=(1, "", f" Container llm-testing-edge-1  Starting\n{line}\n"))

    text, code = refusal(compose.up)

    assert text == (
        "edge: port 127.0.0.1:8001 is taken by another container\n"
        f"   got: {line}\n"
        "  next: `docker ps` names it; stop it, or set another services.edge.port"
    )
    assert code == 3


def test_a_file_that_compose_does_not_accept() -> None:
    said = "validating /srv/build/testing/compose.yaml: services.redis Additional property x is not allowed"
    compose, _ = engine(config=(15, "", said + "\n"))

    text, code = refusal(compose.validate)

    assert text.startswith(
        f"/srv/build/testing/compose.yaml: Compose does not accept this file\n   got: {said}\n"
    )
    assert code == 3


def test_each_verb_calls_compose_or_docker_once() -> None:
    compose, runner = engine()

    compose.validate()
    compose.stop(["edge"])
    compose.restart()
    compose.down(volumes=False)
    compose.down(volumes=True)
    compose.up_alone(["edge"])
    compose.kill("edge", "USR2")
    compose.pull("redis:8.0")

    ends = [words.split("/compose.yaml ")[-1] for words, _ in runner.calls]
    assert ends == [
        "config --quiet",
        "stop edge",
        "restart --no-deps",
        "down --remove-orphans",
        "down --remove-orphans --volumes",
        "up -d --no-build --pull never --no-deps edge",
        "docker kill --signal USR2 llm-testing-edge-1",
        "docker pull redis:8.0",
    ]


def test_logs_stream_through() -> None:
    compose, runner = engine(logs=(0, "", "\x1b[2Kredis-1  | ready\n"))
    lines: list[str] = []

    compose.logs(["redis"], follow=True, tail=5, on_line=lines.append)

    assert lines == ["redis-1  | ready"]
    assert runner.calls[0][0].endswith("logs --no-color --follow --tail 5 redis")


def test_exec_hands_back_the_failure_of_the_command_itself() -> None:
    compose, runner = engine(exec=(1, "", "NOAUTH Authentication required.\n"))

    done = compose.exec("redis", ["redis-cli", "ping"], stdin="secret")

    assert (done.returncode, done.stderr) == (1, "NOAUTH Authentication required.\n")
    assert runner.calls == [("docker exec --interactive llm-testing-redis-1 redis-cli ping", "secret")]


@pytest.mark.parametrize(
    "said",
    [
        "Error response from daemon: Container 5f is not running\n",
        "Error: No such container: llm-testing-redis-1\n",
    ],
)
def test_exec_refuses_what_the_engine_says(said: str) -> None:
    compose, _ = engine(exec=(1, "", said))

    text, code = refusal(lambda: compose.exec("redis", ["true"]))

    assert said.strip() in text
    assert code == 3


def test_a_throw_away_container_that_cannot_start_is_the_engine_s_refusal() -> None:
    said = "docker: Error response from daemon: No such image: llm-stack/haproxy:3.0.\nSee 'docker run'.\n"
    compose, _ = engine(run=(125, "", said))

    text, _ = refusal(lambda: compose.run(ThrowAway("llm-stack/haproxy:3.0", ("-c",))))

    assert text.startswith("llm-testing: the image llm-stack/haproxy:3.0 is not on this machine\n")


def test_a_throw_away_container_s_own_exit_code_is_handed_back() -> None:
    compose, _ = engine(run=(1, "", "[ALERT] config : parsing error\n"))

    assert compose.run(ThrowAway("llm-stack/haproxy:3.0")).returncode == 1


def test_image_present() -> None:
    missing = "Error response from daemon: no such image: a:1: No such image: a:1\n"

    assert engine(inspect=(0, "sha256:1\n", ""))[0].image_present("a:1")
    assert not engine(inspect=(1, "", missing))[0].image_present("a:1")
    text, _ = refusal(lambda: engine(inspect=(1, "", GONE))[0].image_present("a:1"))
    assert text.startswith("Docker Engine at unix:///var/run/docker.sock: the engine is not running")


def able(engine: str = "20.10.24+dfsg1", compose: Left = (0, "2.26.1-4\n", "")) -> FakeRunner:
    return FakeRunner({"docker version": (0, ENGINE % engine, ""), "compose version": compose})


def test_abilities_of_the_oldest_and_of_a_newer_engine() -> None:
    assert engine_abilities(able(), SOON) == Abilities("20.10.24+dfsg1", "1.41", "2.26.1-4", "amd64", False)
    newer = engine_abilities(able("25.0.5", (0, "v2.40.3+ds1\n", "")), SOON)
    assert (newer.start_interval, newer.compose_version) == (True, "2.40.3+ds1")


@pytest.mark.parametrize(
    ("runner", "text"),
    [
        pytest.param(
            NoDocker(),
            "docker: the docker command is not on PATH\n"
            "  next: install Docker Engine 20.10 or newer, or run `make up`, which does so on Debian",
            id="no-cli",
        ),
        pytest.param(
            FakeRunner({"docker version": (1, '{"Client":{},"Server":null}', GONE)}),
            "Docker Engine at unix:///var/run/docker.sock: the engine is not running\n"
            f"   got: {GONE}"
            "  next: start it: `systemctl start docker`, or `make up`, which also starts it where"
            " there is no init system",
            id="not-running",
        ),
        pytest.param(
            FakeRunner(
                {
                    "docker version": (
                        1,
                        "",
                        "permission denied while trying to connect to the Docker daemon socket at"
                        " unix:///run/docker.sock: denied",
                    )
                }
            ),
            "Docker Engine at unix:///run/docker.sock: this user may not talk to the engine\n"
            "   got: permission denied while trying to connect to the Docker daemon socket at"
            " unix:///run/docker.sock: denied\n"
            "  next: join the group docker (`sudo usermod -aG docker $USER`, then log in again), or use sudo",
            id="no-permission",
        ),
        pytest.param(
            able("19.03.15"),
            "Docker Engine: too old: 20.10 or newer is needed\n"
            "   got: 19.03.15\n  next: install Docker Engine 20.10 or newer",
            id="old-engine",
        ),
        pytest.param(
            able(compose=(1, "", "docker: 'compose' is not a docker command.\nSee 'docker --help'\n")),
            "Docker Compose: docker has no command `compose`\n"
            "  next: install Docker Compose 2.26 or newer, or run `make up`, which does so on Debian",
            id="no-compose",
        ),
        pytest.param(
            able(compose=(0, "v2.20.3\n", "")),
            "Docker Compose: too old: 2.26 or newer is needed\n"
            "   got: 2.20.3\n"
            "  next: install Docker Compose 2.26 or newer, or run `make up`, which does so on Debian",
            id="old-compose",
        ),
        pytest.param(
            able(compose=(126, "", "fork/exec docker-compose: exec format error\n")),
            "Docker Compose: it does not tell its version\n"
            "   got: fork/exec docker-compose: exec format error\n"
            "  next: run `docker compose version` by hand; if the plugin is broken, install it anew",
            id="broken-compose",
        ),
    ],
)
def test_what_is_missing_or_too_old_is_told_apart(runner: FakeRunner, text: str) -> None:
    assert refusal(lambda: engine_abilities(runner, SOON)) == (text, 3)
