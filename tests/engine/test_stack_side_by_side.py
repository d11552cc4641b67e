"""Two environments of one project directory do not disturb each other, and `down` keeps their data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.datastores import ask_redis, rows
from tests.support.engine import containers_of, volumes_of
from tests.support.stack import OFF, Stack, gone_at_the_end

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.engine
_SERVICES = {"mariadb", "redis"}


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stack, Stack]]:
    """The data tiers of `development` and `testing`, beside each other."""
    directory = tmp_path_factory.mktemp("pair")
    one = Stack(directory, "development", llm_general=OFF, llm_fast=OFF, edge=OFF)
    other = Stack(directory, "testing", llm_general=OFF, llm_fast=OFF, edge=OFF)
    one.base = other.base
    with gone_at_the_end(one), gone_at_the_end(other):
        for stack in (one, other):
            stack.up()
            rows(stack, f"USE toolkit; CREATE TABLE own AS SELECT '{stack.environment}' AS name")
        yield one, other


def test_each_has_its_own_of_everything(pair: tuple[Stack, Stack]) -> None:
    one, other = pair
    assert set(one.lives()) == set(other.lives()) == _SERVICES
    assert not set(one.secrets().values()) & set(other.secrets().values())
    for stack in pair:
        assert rows(stack, "SELECT name FROM toolkit.own") == [[stack.environment]]
        assert ask_redis(stack, f"SET whose {stack.environment}", "GET whose", user="app") == [
            "OK",
            stack.environment,
        ]
    assert one.build != other.build
    assert volumes_of(one.project) == [f"{one.project}_mariadb-data", f"{one.project}_redis-data"]


def test_what_happens_to_one_leaves_the_other_alone(pair: tuple[Stack, Stack]) -> None:
    one, other = pair
    before = one.lives()
    other.toolkit("restart", "redis")
    other.sets.append("services.mariadb.max_connections=99")
    other.up()
    assert one.lives() == before
    assert one.up()["actions"] == []


def test_down_keeps_the_volumes_and_up_finds_every_row(pair: tuple[Stack, Stack]) -> None:
    one, other = pair
    before, volumes = one.lives(), volumes_of(other.project)
    done = other.toolkit("down", "--output=json").json
    assert (set(done["removed"]), done["volumes_deleted"]) == (_SERVICES, False)
    assert (containers_of(other.project), volumes_of(other.project)) == ([], volumes)
    assert other.toolkit("status", code=1).out.count("absent") == 2
    assert "nothing is there to restart" in other.toolkit("restart", code=2).err
    assert other.toolkit("down").out == f"{other.project}: 0 containers removed, volumes kept\n"

    assert {action["kind"] for action in other.up()["actions"]} == {"create"}

    assert rows(other, "SELECT name FROM toolkit.own") == [["testing"]]
    assert one.lives() == before


def test_volumes_go_with_consent_and_only_those_of_the_one(pair: tuple[Stack, Stack]) -> None:
    one, other = pair
    before = one.lives()
    done = other.toolkit("down", "--volumes", "--yes-delete", other.project, "--output=json").json
    assert (set(done["removed"]), done["volumes_deleted"]) == (_SERVICES, True)
    assert (containers_of(other.project), volumes_of(other.project)) == ([], [])
    assert one.lives() == before
    assert rows(one, "SELECT name FROM toolkit.own") == [["development"]]
