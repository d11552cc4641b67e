"""A template of the user's own and a patch reach the running service, and taking them back does, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.datastores import ask_redis
from tests.support.engine import inspect
from tests.support.stack import OFF, Stack, gone_at_the_end

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.engine
CONF = "templates/redis/redis.conf.j2"


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Stack]:
    alone = Stack(
        tmp_path,
        llm_general=OFF,
        llm_fast=OFF,
        edge=OFF,
        response_cache=OFF,
        mariadb=OFF,
        vector_db=OFF,
        prometheus=OFF,
    )
    with gone_at_the_end(alone) as stack:
        yield stack


def test_what_a_user_adds_runs_until_it_is_taken_back(redis: Stack) -> None:
    redis.up()
    (before,) = redis.lives().values()
    line = redis.toolkit("profile", "override", CONF).out.rpartition("overrides:\n")[2].strip()
    copy = redis.directory / "overrides" / CONF
    copy.write_text(copy.read_text() + "slowlog-max-len 77\n")
    (redis.directory / "compose").mkdir()
    (redis.directory / "compose" / "redis.patch.yaml").write_text(
        "labels: {team: red}\nstop_grace_period: 3s\n"
    )
    redis.sets += [f'overrides."{CONF}"={line.partition(": ")[2]}', "patches=[redis]"]

    done = redis.up()

    assert [(action["service"], action["kind"]) for action in done["actions"]] == [("redis", "recreate")]
    assert ask_redis(redis, "CONFIG GET slowlog-max-len", user="admin") == [["slowlog-max-len", "77"]]
    config = inspect(redis.container("redis"))["Config"]
    assert (config["Labels"]["team"], config["StopTimeout"]) == ("red", 3)
    assert redis.up()["actions"] == []

    redis.sets.clear()
    assert [action["kind"] for action in redis.up()["actions"]] == ["recreate"]
    assert "team" not in inspect(redis.container("redis"))["Config"]["Labels"]
    assert list(redis.lives().values()) != [before]


def test_a_template_that_the_server_cannot_read_leaves_the_running_one(redis: Stack) -> None:
    redis.up()
    before = redis.lives()
    (redis.directory / "mine.j2").write_text("{{ nothing_of_the_kind }}\n")
    redis.sets.append(f'overrides."{CONF}"={{file: mine.j2, of: "0123456789ab"}}')

    said = redis.toolkit("up", code=2)

    assert "error: mine.j2:1: the template cannot be rendered\n" in said.err
    assert redis.lives() == before
