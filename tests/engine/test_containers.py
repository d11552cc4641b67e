"""The real engine: what is seen of containers, and what ends a wait for them."""

from __future__ import annotations

import json
import secrets
import socket
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from toolkit.clock import Deadline
from toolkit.engine.abilities import engine_abilities
from toolkit.engine.argv import Mount, ThrowAway
from toolkit.engine.compose import ComposeEngine
from toolkit.engine.runner import SubprocessRunner
from toolkit.errors import EngineError
from toolkit.planning.images import PINS, local_ref
from toolkit.probes.containers import Containers
from toolkit.probes.engine_api import SdkApi
from toolkit.probes.engine_host import engine_host
from toolkit.probes.events import Events

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from toolkit.facts import ContainerFact, Outcome

pytestmark = pytest.mark.engine
IMAGE = local_ref(PINS["redis"])
READY = {"test": ["CMD", "test", "-f", "/tmp/ready"], "interval": "300ms", "timeout": "5s", "retries": 100}
SLEEP = "trap 'exit 0' TERM; sleep 600 & wait"


@dataclass
class Stack:
    """A Compose project of small shell programs, of a name that nothing else has."""

    directory: Path
    name: str = field(default_factory=lambda: f"llmtest-{secrets.token_hex(4)}")
    seen: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.api = SdkApi(engine_host())
        self.containers = Containers(self.api)
        self.compose = ComposeEngine(SubprocessRunner(), self.name, self.directory)

    def up(self, volumes: dict[str, Any] | None = None, /, **services: dict[str, Any]) -> None:
        """Write the services, each `script` as the command of a shell, and start them."""
        written = {name.replace("_", "-"): self._service(**one) for name, one in services.items()}
        text = json.dumps({"services": written, "volumes": volumes or {}})
        (self.directory / "compose.yaml").write_text(text)
        self.compose.validate(Deadline.after(90))
        self.compose.up(deadline=Deadline.after(60))

    @staticmethod
    def _service(script: str = SLEEP, **more: Any) -> dict[str, Any]:
        base = {"image": IMAGE, "entrypoint": [], "command": ["sh", "-c", script], "stop_grace_period": "1s"}
        return base | ({} if "ports" in more else {"network_mode": "none"}) | more

    def wait(self, *services: str, seconds: float = 90) -> Outcome:
        return Events(self.api, self.name).wait_until(services, Deadline.after(seconds), on_change=self._note)

    def _note(self, fact: ContainerFact) -> None:
        self.seen.append(f"{fact.service} {fact.state} {fact.health}")

    def fact(self, service: str) -> ContainerFact:
        found = self.containers.inspect(self.compose.container(service))
        assert found is not None
        return found


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Stack]:
    project = Stack(tmp_path)
    yield project
    if (tmp_path / "compose.yaml").exists():
        project.compose.down(volumes=True)
    assert project.containers.of_project(project.name) == ()


def why(outcome: Outcome) -> dict[str, str]:
    return {failure.fact.service: failure.why for failure in outcome.failures}


def test_the_engine_and_compose_say_what_they_can() -> None:
    found = engine_abilities(SubprocessRunner(), Deadline.after(90))

    assert tuple(map(int, found.api_version.split("."))) >= (1, 41)
    major = int(found.engine_version.split(".")[0])
    assert major >= 20
    assert found.start_interval == (major >= 25)


def test_a_wait_ends_when_all_are_healthy(project: Stack) -> None:
    slow = f"(sleep 1; touch /tmp/ready) & {SLEEP}"
    project.up(
        fast={"script": f"touch /tmp/ready; {SLEEP}", "healthcheck": READY},
        slow={"script": slow, "healthcheck": READY},
    )

    began = time.monotonic()
    outcome = project.wait("fast", "slow")

    assert outcome.ok, outcome
    assert {fact.service: fact.health for fact in outcome.facts} == {"fast": "healthy", "slow": "healthy"}
    assert project.seen[-1] == "slow running healthy"
    assert len(project.seen) == len(set(project.seen))
    assert time.monotonic() - began < 60


def test_a_wait_on_a_silent_engine_ends_at_the_deadline(project: Stack) -> None:
    project.up(never={"healthcheck": {**READY, "start_period": "60s"}})

    began = time.monotonic()
    outcome = project.wait("never", seconds=1.5)

    assert 1.4 < time.monotonic() - began < 30
    assert (outcome.failures, outcome.pending) == ((), ("never",))


def test_a_crash_loop_is_a_failure_at_once(project: Stack) -> None:
    script = "echo cannot read my config >&2; sleep 0.5; exit 3"
    project.up(
        loop={"script": script, "healthcheck": READY, "restart": "unless-stopped"},
        other={"healthcheck": READY},
    )

    began = time.monotonic()
    outcome = project.wait("loop", "other")

    assert why(outcome) == {"loop": "ended with exit code 3; the engine keeps restarting it"}
    assert time.monotonic() - began < 60
    assert project.containers.log_tail(project.compose.container("loop"), 1) == ("cannot read my config",)


@pytest.mark.parametrize(
    ("restart", "text"),
    [
        ("no", "ended with exit code 0"),
        ("unless-stopped", "ended with exit code 0; the engine keeps restarting it"),
    ],
)
def test_an_end_with_exit_code_0_is_a_failure_too(project: Stack, restart: str, text: str) -> None:
    project.up(quits={"script": "sleep 0.7", "healthcheck": READY, "restart": restart})

    assert why(project.wait("quits")) == {"quits": text}


def test_a_memory_kill_is_named(project: Stack) -> None:
    limits = {"mem_limit": "32m", "memswap_limit": "32m"}
    project.up(greedy={"script": "sleep 0.5; exec tail /dev/zero", "healthcheck": READY, **limits})

    outcome = project.wait("greedy")

    assert why(outcome) == {"greedy": "was killed for memory, having reached its limit, with exit code 137"}
    assert outcome.facts[0].oom_killed


def test_a_memory_kill_of_a_child_is_named_though_the_engine_s_state_does_not(project: Stack) -> None:
    limits = {"mem_limit": "32m", "memswap_limit": "32m"}
    script = "sleep 0.5; tail /dev/zero; sleep 0.2; exit 5"
    project.up(parent={"script": script, "healthcheck": READY, **limits})

    assert why(project.wait("parent")) == {
        "parent": "was killed for memory, having reached its limit, with exit code 5"
    }


def test_without_a_health_check_nothing_is_healthy(project: Stack) -> None:
    project.up(plain={})

    assert why(project.wait("plain")) == {"plain": "has no health check, so nothing tells when it serves"}


def test_a_removal_from_outside_ends_the_wait(project: Stack) -> None:
    project.up(gone={"healthcheck": READY})
    remove = ["docker", "rm", "--force", project.compose.container("gone")]
    later = threading.Timer(0.5, lambda: SubprocessRunner().run(remove))
    later.start()

    outcome = project.wait("gone")
    later.join()

    assert why(outcome)["gone"].startswith(("ended with exit code", "was removed"))


def test_a_taken_port_is_named_and_leaves_its_mark(project: Stack) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        with pytest.raises(EngineError) as caught:
            project.up(edge={"ports": [f"127.0.0.1:{port}:80"], "healthcheck": READY})

    (problem,) = caught.value.problems
    assert problem.where == "edge"
    assert problem.what == f"port 127.0.0.1:{port} is taken by another process"
    assert f"could not be started: {project.fact('edge').error}" == why(project.wait("edge"))["edge"]
    assert str(port) in project.fact("edge").error


def test_a_port_and_its_container(project: Stack) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        port = server.getsockname()[1]
    project.up(edge={"ports": [f"127.0.0.1:{port}:80"]})

    assert project.containers.port_owner(port) == project.compose.container("edge")
    project.compose.down(volumes=False)
    assert project.containers.port_owner(port) is None


def test_a_missing_image_is_named(project: Stack) -> None:
    with pytest.raises(EngineError) as caught:
        project.up(redis={"image": "llm-stack/none:1"})

    assert str(caught.value).startswith("redis: the image llm-stack/none:1 is not on this machine\n")
    assert not project.compose.image_present("llm-stack/none:1")
    assert project.compose.image_present(IMAGE)


def test_a_second_up_changes_nothing_and_the_look_is_cheap(project: Stack) -> None:
    services = {name: {"healthcheck": {**READY, "interval": "5s"}} for name in ("a", "b", "c", "d", "e")}
    project.up(**services)
    before = project.containers.of_project(project.name)
    project.up(**services)
    looks = [timed_look(project) for _ in range(20)]

    assert len(before) == 5
    assert all(facts == before for facts, _ in looks)
    assert min(elapsed_s for _, elapsed_s in looks) < 0.1


def timed_look(project: Stack) -> tuple[tuple[ContainerFact, ...], float]:
    began = time.monotonic()
    return project.containers.of_project(project.name), time.monotonic() - began


def test_images_and_volumes(project: Stack) -> None:
    project.up({"db": {}}, mariadb={"volumes": ["db:/data"]})

    ids = project.containers.image_ids([IMAGE, "llm-stack/none:1"])
    assert ids == {IMAGE: project.fact("mariadb").image_id, "llm-stack/none:1": None}
    assert project.containers.volume_names(project.name) == {f"{project.name}_db"}
    project.compose.down(volumes=False)
    assert project.containers.volume_names(project.name) == {f"{project.name}_db"}
    project.compose.down(volumes=True)
    assert project.containers.volume_names(project.name) == frozenset()


def test_exec_kill_restart_and_stop(project: Stack) -> None:
    project.up(box={})
    first = project.fact("box")

    done = project.compose.exec("box", ["sh", "-c", "cat; exit 4"], stdin="a secret")
    assert (done.returncode, done.stdout) == (4, "a secret")

    project.compose.restart(["box"])
    assert project.fact("box").container_id == first.container_id
    assert project.fact("box").started_at > first.started_at

    project.compose.kill("box", "TERM")
    project.compose.stop(["box"])
    assert project.fact("box").state == "exited"
    with pytest.raises(EngineError, match="is not running"):
        project.compose.exec("box", ["true"])


def test_logs_stream_through(project: Stack) -> None:
    project.up(box={"script": "echo one; echo two >&2; echo three"})
    with Events(project.api, project.name).watch(Deadline.after(90)) as batches:
        next(batch for batch in batches if batch[0].state == "exited")
    lines: list[str] = []

    project.compose.logs(["box"], follow=False, tail=2, on_line=lines.append)

    assert len(lines) == 2
    assert {line.replace(" ", "") for line in lines} < {"box-1|one", "box-1|two", "box-1|three"}
    assert set(project.containers.log_tail(project.compose.container("box"), 9)) == {"one", "two", "three"}


def test_the_last_words_of_a_health_check(project: Stack) -> None:
    check = {"test": ["CMD-SHELL", "echo looking; echo NOAUTH; exit 1"], "interval": "300ms", "retries": 1}
    project.up(sick={"healthcheck": check})
    with Events(project.api, project.name).watch(Deadline.after(90)) as batches:
        next(batch for batch in batches if batch[0].health == "unhealthy")

    assert project.containers.health_log_tail(project.compose.container("sick"), 1) == ("NOAUTH",)


def test_a_throw_away_container_reads_what_it_is_shown(project: Stack, tmp_path: Path) -> None:
    (tmp_path / "note").write_text("hello")
    tmp_path.chmod(0o755)
    once = ThrowAway(
        IMAGE, ("-c", "cat /shown/note; id -u; touch /shown/x"), "sh", "99:99", (Mount(tmp_path, "/shown"),)
    )

    done = project.compose.run(once, deadline=Deadline.after(90))

    assert done.stdout == "hello99\n"
    assert "Read-only file system" in done.stderr
    assert done.returncode == 1


def test_a_throw_away_container_without_its_image_is_refused(project: Stack) -> None:
    with pytest.raises(EngineError, match="the image llm-stack/none:1 is not on this machine"):
        project.compose.run(ThrowAway("llm-stack/none:1"), deadline=Deadline.after(90))
