"""What differs, told exactly: leaves of definitions, lines of configurations, causes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support.plans import bundle
from toolkit.cli.app import run
from toolkit.facts import ContainerFact
from toolkit.planning.reconcile import Action
from toolkit.publish import publish
from toolkit.render.bundle import HASH_LABEL
from toolkit.render.changes import Change, FileChange, file_changes, leaf_changes, without_hash
from toolkit.routines.compare import against_running, between, reloads

if TYPE_CHECKING:
    from pathlib import Path

RECREATE = Action("mariadb", "recreate", "its definition changed")


def made_from(label: str) -> ContainerFact:
    return ContainerFact("mariadb", "id", "x-mariadb-1", "running", "healthy", labels={HASH_LABEL: label})


def test_leaves_are_compared_by_path_and_lists_by_element() -> None:
    before = {"mem_limit": "1g", "command": ["a"], "health": {"retries": 3}, "labels": {HASH_LABEL: "1"}}
    after = {"mem_limit": "2g", "command": ["a", "$b"], "health": {"retries": 3}, "user": "1:1"}
    assert leaf_changes(before, after) == (
        Change("mem_limit", "1g", "2g"),
        Change("command", "", "$b"),
        Change("user", None, "1:1"),
    )


def test_a_content_hash_is_no_change_of_its_own() -> None:
    mounts = [{"source": f"./files/redis/{digit * 12}", "target": "/etc"} for digit in "ab"]
    assert leaf_changes({"volumes": mounts[:1]}, {"volumes": mounts[1:]}) == ()
    assert without_hash("./files/redis/0123456789ab/redis.conf") == "./files/redis/redis.conf"


def test_lines_of_a_file() -> None:
    assert file_changes({"a": "x\ny\n", "b": "same"}, {"a": "x\nz\n", "b": "same", "c": "new\n"}) == (
        FileChange("a", ("-y", "+z")),
        FileChange("c", ("+new",)),
    )


def test_what_up_would_change_is_told_to_the_line(tmp_path: Path) -> None:
    old, new = bundle(), bundle("services.mariadb.thread_cache_size=77", "services.mariadb.cpus=0.5")
    publish(old, tmp_path)

    (found,) = against_running([RECREATE], [made_from(old.definitions["mariadb"])], new, tmp_path)

    assert (found.service, found.kind, found.cause) == ("mariadb", "recreate", "its definition changed")
    assert found.changes == (Change("cpus", "1.0", "0.5"),)
    assert found.files == (
        FileChange("./files/mariadb/my.cnf", ("-thread_cache_size = 32", "+thread_cache_size = 77")),
    )


def test_of_a_container_from_elsewhere_only_the_cause_is_told(tmp_path: Path) -> None:
    publish(bundle(), tmp_path)
    new = bundle("services.mariadb.cpus=0.5")
    (found,) = against_running([RECREATE], [made_from("of another release")], new, tmp_path)
    assert (found.cause, found.changes, found.files) == ("its definition changed", (), ())


def test_the_edge_is_reloaded_with_these_lines(tmp_path: Path) -> None:
    old, new = bundle(), bundle("services.edge.timeouts.read=80s")
    publish(old, tmp_path)
    loaded = {"edge": old.reload_digests["edge"]}

    (found,) = reloads(new, tmp_path, loaded)

    assert (found.service, found.kind) == ("edge", "reload")
    lines = [line for file in found.files for line in file.lines]
    assert any(line.startswith("-") and "90000ms" in line for line in lines)
    assert any(line.startswith("+") and "80000ms" in line for line in lines)
    assert reloads(old, tmp_path, loaded) == ()
    assert reloads(new, tmp_path, {}) == ()


def test_two_environments_differ_in_what_they_mean_not_in_their_names() -> None:
    same = between(bundle(), bundle(), ("testing", "testing"))
    found = between(bundle(), bundle(environment="production"), ("testing", "production"))
    assert same == ()
    by_name = {one.service: one for one in found}
    assert Change("ports", "127.0.0.1:8001:8080", "127.0.0.1:8002:8080") in by_name["edge"].changes
    paths = [change.path for one in found for change in one.changes]
    assert "secrets" not in paths
    without = bundle("services.redis.enabled=false")
    (only,) = [one for one in between(bundle(), without, ("a", "b")) if one.service == "redis"]
    assert (only.kind, only.cause) == ("only", "only in a")


@pytest.mark.usefixtures("here")
def test_the_verb_compares_environments_without_an_engine(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diff", "production", "--env", "testing"]) == 4
    assert "    ports: " in capsys.readouterr().out
    assert run(["diff", "testing", "--env", "testing", "--output", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["differs"] is False
    assert run(["diff", "--env", "testing"]) == 3
