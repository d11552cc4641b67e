"""What stands in the way is found before anything is touched, each with the way out."""

from __future__ import annotations

import socket
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from tests.support.plans import plan, service
from toolkit.facts import ContainerFact
from toolkit.probes.containers import Containers
from toolkit.routines.blockers import (
    edge_problems,
    foreign_problems,
    model_problems,
    port_problems,
    secret_problems,
)
from toolkit.routines.port_holder import port_holder

if TYPE_CHECKING:
    from toolkit.probes.engine_api import EngineApi

SECRETS = ("mariadb-root-password", "mariadb-password")
VOLUME = "llm-testing_mariadb-data"


def test_a_free_port_is_no_problem() -> None:
    assert port_problems(plan().services, lambda _, __: None) == ()


def test_the_holder_is_asked_by_address_and_port_and_named() -> None:
    asked = []

    def holder(address: str, port: int) -> str:
        asked.append((address, port))
        return "container other-edge-1"

    (problem,) = port_problems(plan().services, holder)

    assert asked == [("127.0.0.1", 8001)]
    assert problem.as_text() == (
        "edge: port 127.0.0.1:8001 is taken\n"
        "   got: held by container other-edge-1\n"
        "  next: stop it, or choose another port: services.edge.port in toolkit.yaml"
    )


@pytest.mark.parametrize(
    ("present", "volumes", "missing"),
    [
        (SECRETS, {VOLUME}, None),
        ((), set(), None),
        ((), {"llm-production_mariadb-data"}, None),
        (SECRETS[:1], {VOLUME}, "mariadb-password"),
        ((), {VOLUME, "llm-testing_redis-data"}, "mariadb-root-password, mariadb-password"),
    ],
)
def test_only_data_without_its_secret_is_a_problem(
    present: tuple[str, ...], volumes: set[str], missing: str | None
) -> None:
    found = secret_problems(plan(), present, volumes)

    assert [problem.where for problem in found] == ([] if missing is None else ["mariadb"])
    assert [problem.got for problem in found] == (
        [] if missing is None else [f"not in .toolkit/testing/secrets/: {missing}"]
    )


def test_a_model_s_directory_has_to_be_there(tmp_path: Path) -> None:
    mine = plan("models.tiny.source=dir:models/mine")

    found = model_problems(mine, tmp_path)
    assert [problem.where for problem in found] == ["llm-general", "llm-fast"]
    assert found[0].as_text() == (
        "llm-general: its model's directory is not there\n"
        f"   got: {tmp_path}/models/mine\n"
        "  next: correct `source: dir:…` of the model, or put the files there"
    )

    (tmp_path / "models" / "mine").mkdir(parents=True)
    assert model_problems(mine, tmp_path) == ()


def test_a_generated_model_is_made_later_and_one_of_the_hub_is_nowhere(tmp_path: Path) -> None:
    assert model_problems(plan(), tmp_path) == ()
    assert model_problems(plan(machine="cpu-online"), tmp_path) == ()
    assert service("llm-fast").mounts


def made_from(directory: Path) -> ContainerFact:
    labels = {"com.docker.compose.project.working_dir": str(directory)}
    return ContainerFact("redis", "id", "llm-testing-redis-1", "running", labels=labels)


def test_containers_of_another_directory_are_left_alone(tmp_path: Path) -> None:
    here, there = tmp_path / "here/build/testing", tmp_path / "there/build/testing"
    there.mkdir(parents=True)

    (problem,) = foreign_problems([made_from(here), made_from(there), made_from(there)], here)

    assert problem.as_text() == (
        "project: its containers belong to another directory\n"
        f"   got: {tmp_path}/there\n"
        "  next: work there, or give this one a name of its own: `project:` in toolkit.yaml"
    )


def test_containers_of_a_directory_that_was_moved_are_ours(tmp_path: Path) -> None:
    assert foreign_problems([made_from(tmp_path / "gone")], tmp_path / "build/testing") == ()


def test_an_edge_that_cannot_be_asked_from_here_is_refused_with_two_ways_out() -> None:
    two = plan(machine="two-hosts").on_host("ai")
    assert edge_problems(two, "http://10.0.0.1:8001") == ()
    (problem,) = edge_problems(two, "")
    assert problem.as_text() == (
        "edge: it listens on ai for that machine alone, and cannot be asked from here\n"
        "   got: 127.0.0.1:8001, 10.0.0.1:8001\n"
        "  next: services.edge.address: 10.0.0.1\n"
        "        or run it there: toolkit up --host ai"
    )


def test_on_another_machine_only_its_containers_tell_who_has_a_port() -> None:
    published = [{"Names": ["/other-edge-1"]}]
    busy = SimpleNamespace(containers=lambda filters, **_: published if "publish" in filters else [])
    free = SimpleNamespace(containers=lambda *_, **__: [])
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        def holder(engine: SimpleNamespace, *, far: bool) -> str | None:
            return port_holder(Containers(cast("EngineApi", engine)), "own", far=far)("127.0.0.1", port)

        assert holder(busy, far=True) == "container other-edge-1"
        assert holder(free, far=True) is None
        assert holder(free, far=False) is not None
