"""A release that MariaDB refuses gives way to the former one, and a killed `up` is undone: no row is lost."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING

import pytest

from tests.support.engine import docker, inspect
from tests.support.faults import KEPT, bad_my_cnf, kept_rows, make_rows, stopped_at
from tests.support.stack import OFF, Stack, gone_at_the_end

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def datastores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Redis and MariaDB with rows, and one release before the one that runs."""
    directory = tmp_path_factory.mktemp("releases")
    with gone_at_the_end(Stack(directory, llm_general=OFF, llm_fast=OFF, edge=OFF)) as stack:
        assert stack.up()["release"] == 1
        make_rows(stack)
        stack.sets.append("services.redis.max_clients=101")
        assert stack.up()["release"] == 2
        yield stack


def listed(stack: Stack) -> list[tuple[int, str]]:
    found = stack.toolkit("releases", "--output=json").json["releases"]
    return [(one["number"], "running" if one["current"] else one["verdict"]) for one in found]


def test_a_bad_release_gives_way_to_the_former_one(datastores: Stack) -> None:
    said = bad_my_cnf(datastores)
    print(said)
    assert said.startswith("exit 3: mariadb: ")
    assert "release 3: it did not become ready; release 2 serves again, as release 4" in said
    assert listed(datastores) == [(4, "running"), (3, "failed"), (2, "serves"), (1, "serves")]
    assert kept_rows(datastores) == KEPT
    wreck = datastores.state / "wrecks" / "3"
    log = (wreck / "logs" / f"{datastores.container('mariadb')}.log").read_text()
    assert "unknown variable 'no_such_variable=1'" in log
    kept = "".join(path.read_text() for path in wreck.rglob("*") if path.is_file())
    for name, secret in datastores.secrets().items():
        assert secret not in kept, name
    assert datastores.up()["actions"] == []


def test_after_a_kill_the_former_release_can_come_back(datastores: Stack) -> None:
    before = datastores.lives()
    assert stopped_at("== images", 0.0, signal.SIGKILL)(datastores) == "nothing: it was killed"
    assert listed(datastores)[0][1] == "begun"
    back = datastores.toolkit("rollback", "--output=json").json
    assert (back["restores"], kept_rows(datastores)) == (4, KEPT)
    # However far it came: what it had not touched was left alone.
    assert datastores.lives()["redis"] == before["redis"]
    assert datastores.up()["actions"] == []


def test_an_image_comes_back_by_its_id_where_its_name_has_moved(datastores: Stack) -> None:
    own = f"{datastores.base}:1"
    docker("tag", "llm-stack/redis:8.0", own)
    section: dict[str, object] = {
        "image": own,
        "command": ["redis-server", "--protected-mode", "no"],
        "memory": "64MiB",
    }
    section |= {"health_command": ["redis-cli", "ping"], "health": {"interval": "2s"}, "port": 6379}
    datastores.sets.append(f"services.api_server={json.dumps(section)}")
    with_it = datastores.up()["release"]
    first = inspect(datastores.container("api-server"))["Image"]
    try:
        docker("tag", "llm-stack/nginx:1.26", own)
        back = datastores.toolkit("rollback", str(with_it), "--output=json").json
        assert back["restores"] == with_it
        assert inspect(datastores.container("api-server"))["Image"] == first
    finally:
        docker("rmi", own)
    # What was brought back itself is not where the next one leads.
    back = datastores.toolkit("rollback", "--output=json").json
    assert (back["restores"], kept_rows(datastores)) == (2, KEPT)
    assert {"api-server": "remove"}.items() <= {a["service"]: a["kind"] for a in back["actions"]}.items()
