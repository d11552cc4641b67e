"""`down` and `restart` over an engine in memory: nothing is deleted without consent, nothing hangs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.clocks import HandClock
from tests.support.fake_engine import HEALTHY, FakeEngine
from tests.support.listener import Listener
from toolkit.engine.compose import ComposeEngine
from toolkit.errors import BlockedError, ServiceFailedError, UsageError
from toolkit.probes.containers import Containers
from toolkit.probes.events import Events
from toolkit.resources import resource_dir
from toolkit.routines.acting import Acts
from toolkit.routines.teardown import Teardown, refuse_without_consent

COMPOSE = "name: p\nservices:\n  redis: {}\n  edge: {}\n"


class Bench:
    """A project `p` with a published compose.yaml; `there` puts a container into the engine."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.engine = FakeEngine()
        self.published = 0
        (directory / "compose.yaml").write_text(COMPOSE)

    def there(self, service: str, made_from: Path | None = None) -> None:
        labels = {"com.docker.compose.service": service}
        if made_from:
            labels["com.docker.compose.project.working_dir"] = str(made_from)
        self.engine.boxes[service] = {
            "Id": f"id-{service}",
            "Name": f"/p-{service}-1",
            "Image": "sha256:1",
            "Config": {"Labels": labels},
            "State": {**HEALTHY, "ExitCode": 0},
        }

    def teardown(self) -> Teardown:
        containers, told = Containers(self.engine), Listener()
        engine = ComposeEngine(self.engine, "p", self.directory)
        acts = Acts(
            runner=self.engine,
            engine=engine,
            containers=containers,
            events=Events(self.engine, "p"),
            compose_dir=resource_dir("compose"),
            project_dir=self.directory,
            clock=HandClock(),
            progress=told,
        )
        return Teardown(
            project="p",
            bundle_dir=self.directory,
            engine=engine,
            containers=containers,
            acts=acts,
            progress=told,
            ensure_published=self.publish,
        )

    def publish(self) -> None:
        self.published += 1


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_down_removes_containers_and_keeps_data(bench: Bench) -> None:
    bench.there("redis")
    bench.there("edge")
    bench.engine.volume_names = {"p_data"}

    assert bench.teardown().down(volumes=False) == ("edge", "redis")
    assert (bench.engine.said, bench.published) == (["down"], 1)
    assert bench.engine.volume_names == {"p_data"}


def test_down_where_nothing_is_asks_for_nothing(bench: Bench) -> None:
    assert bench.teardown().down(volumes=False) == ()
    assert (bench.engine.said, bench.published) == ([], 0)


def test_volumes_are_deleted_also_without_containers(bench: Bench) -> None:
    bench.engine.volume_names = {"p_data"}
    bench.teardown().down(volumes=True)
    assert (bench.engine.said, bench.engine.volume_names) == (["down"], set())


def test_containers_of_another_directory_are_left_alone(bench: Bench, tmp_path: Path) -> None:
    other = tmp_path / "other" / "build" / "testing"
    other.mkdir(parents=True)
    bench.there("redis", made_from=other)

    with pytest.raises(BlockedError, match="its containers belong to another directory"):
        bench.teardown().down(volumes=True)

    assert bench.engine.said == []


def test_stop_takes_the_named_ones_and_nothing_else(bench: Bench) -> None:
    bench.there("redis")
    bench.there("edge")

    assert bench.teardown().stop(["redis"]) == ("redis",)

    assert (bench.engine.said, bench.published) == (["stop redis"], 1)
    states = {name: box["State"]["Status"] for name, box in bench.engine.boxes.items()}
    assert states == {"redis": "exited", "edge": "running"}


def test_what_is_not_there_is_not_stopped(bench: Bench) -> None:
    bench.there("edge")
    with pytest.raises(UsageError) as caught:
        bench.teardown().stop(["edge", "redis"])
    assert str(caught.value) == "redis: nothing is there to stop\n  next: toolkit up"
    assert bench.engine.said == []


def test_restart_takes_the_named_ones_and_waits(bench: Bench) -> None:
    bench.there("redis")
    bench.there("edge")

    assert bench.teardown().restart(["redis"]) == {"redis": "healthy"}
    assert bench.engine.said == ["restart redis"]


def test_restart_without_names_takes_all_that_are_there(bench: Bench) -> None:
    bench.there("redis")
    bench.there("edge")

    assert bench.teardown().restart([]) == {"edge": "healthy", "redis": "healthy"}
    assert bench.engine.said == ["restart edge redis"]


@pytest.mark.parametrize(("services", "where"), [([], "p"), (["redis"], "redis")])
def test_restart_where_nothing_is_says_what_to_do(services: list[str], where: str, bench: Bench) -> None:
    with pytest.raises(UsageError) as caught:
        bench.teardown().restart(services)
    assert str(caught.value) == f"{where}: nothing is there to restart\n  next: toolkit up"


def test_a_service_that_does_not_come_back_is_shown(bench: Bench) -> None:
    bench.there("redis")
    bench.engine.fates["redis"] = {"Status": "exited", "ExitCode": 1}
    bench.engine.logs_of["redis"] = "Bad directive\n"

    with pytest.raises(ServiceFailedError, match="redis: ended with exit code 1") as caught:
        bench.teardown().restart(["redis"])
    assert "Bad directive" in str(caught.value)


@pytest.mark.parametrize(
    ("given", "refused"),
    [
        ({"volumes": False, "named": None}, ""),
        ({"volumes": True, "named": "llm-testing"}, ""),
        ({"volumes": True, "named": None}, "got: no consent"),
        ({"volumes": True, "named": "llm-production"}, "got: --yes-delete llm-production"),
        ({"volumes": False, "named": "llm-testing"}, "it consents to --volumes, which was not given"),
    ],
)
def test_data_is_deleted_by_the_project_s_own_name_only(given: dict[str, Any], refused: str) -> None:
    if not refused:
        assert refuse_without_consent("llm-testing", **given) is None  # type: ignore[func-returns-value]
        return
    with pytest.raises(UsageError) as caught:
        refuse_without_consent("llm-testing", **given)
    assert refused in str(caught.value)
    assert caught.value.exit_code == 2
