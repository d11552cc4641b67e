"""What stands in the way is found before anything is touched, each with the way out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.plans import plan
from toolkit.facts import ContainerFact
from toolkit.routines.blockers import edge_problems, foreign_problems, secret_problems

SECRETS = ("mariadb-root-password", "mariadb-password")
VOLUME = "llm-testing_mariadb-data"


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
