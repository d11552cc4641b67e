"""`up` on a running stack acts only where something differs, and says what it did."""

from __future__ import annotations

import os
import socket
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.support.datastores import rendered, rows
from tests.support.engine import until
from tests.support.load import Load
from tests.support.ports import free_port
from tests.support.stack import SERVICES, Ran
from tests.support.under_load import under_load

if TYPE_CHECKING:
    from tests.support.stack import Stack

pytestmark = pytest.mark.engine


def kinds(done: dict[str, list[dict[str, str]]]) -> dict[str, str]:
    return {action["service"]: action["kind"] for action in done["actions"]}


def test_a_second_up_recreates_nothing(stack: Stack) -> None:
    before, digest = stack.lives(), stack.digest()
    done = stack.up("--wait=models")
    assert (done["actions"], done["written"], done["edge_reloaded"], done["new_keys"]) == ([], [], False, {})
    assert done["services"] == dict.fromkeys(SERVICES, "healthy")
    assert (stack.lives(), stack.digest()) == (before, digest)
    said = stack.toolkit("up").out
    assert said.startswith(
        f"{stack.project}: nothing to change; {len(SERVICES)} of {len(SERVICES)} services healthy"
    )
    assert stack.lives() == before


def test_one_changed_value_recreates_mariadb_alone_and_no_row_is_lost(stack: Stack) -> None:
    rows(
        stack,
        "USE toolkit; CREATE TABLE kept (n INT PRIMARY KEY); INSERT INTO kept SELECT seq FROM seq_1_to_5000",
    )
    before = stack.lives()
    stack.sets.append("services.mariadb.max_connections=151")

    done = stack.up()

    assert kinds(done) == {"mariadb": "recreate"}
    assert done["actions"][0]["cause"] == "its definition changed"
    assert len([path for path in done["written"] if path.endswith("/my.cnf")]) == 1
    after = stack.lives()
    assert {service for service in SERVICES if before[service] != after[service]} == {"mariadb"}
    assert "max_connections = 151\n" in rendered(stack, "files/mariadb/*/my.cnf")
    found = rows(stack, "SELECT @@max_connections, COUNT(*), SUM(n) FROM toolkit.kept")
    assert found == [["151", "5000", "12502500"]]
    assert stack.up()["actions"] == []


def test_a_changed_edge_setting_is_a_reload_that_drops_nothing(stack: Stack) -> None:
    before, digest = stack.lives(), stack.digest()
    stack.sets.append("services.edge.check_interval=1500ms")

    def reload() -> tuple[Any, float]:
        with stack.start("up", "--output=json") as running:
            until(lambda: stack.digest() != digest, "the edge answers with its new configuration", 180)
            changed_at = time.monotonic()
            out, err = running.communicate(timeout=300)
        return stack.note(Ran(("up",), running.returncode, out, err, 0.0), 0).json, changed_at

    load = Load(stack.url, stack.key(), "general", 4, 4, max_tokens=32, extra={"ignore_eos": True})
    long = Load(stack.url, stack.key(), "fast", 0, 1, max_tokens=5000, extra={"ignore_eos": True})
    results, (done, changed_at) = under_load((load, long), reload)

    failed = [result for result in results if result.failed]
    across = [
        result for result in results if result.began_at < changed_at - 0.5 < changed_at < result.ended_at
    ]
    print(f"reload: {len(results)} requests, {len(failed)} failed, {len(across)} were under way")
    assert (done["actions"], done["edge_reloaded"], done["written"]) == ([], True, ["edge/haproxy.cfg"])
    assert failed == []
    assert {result.served_by for result in across if result.streamed} >= {"llm-fast"}
    assert {result.served_by for result in results} == {"llm-general", "llm-fast"}
    assert stack.lives() == before
    assert stack.up()["edge_reloaded"] is False


def test_another_port_recreates_the_edge_alone(stack: Stack) -> None:
    before, old = stack.lives(), stack.url
    stack.port = free_port()
    stack.sets.append(f"services.edge.port={stack.port}")

    done = stack.up("--wait=models")

    assert kinds(done) == {"edge": "recreate"}
    assert done["endpoint"] == stack.url
    after = stack.lives()
    assert {service for service in SERVICES if before[service] != after[service]} == {"edge"}
    with stack.client() as client:
        assert client.get("/v1/models").status_code == 200
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{old}/healthz", trust_env=False)


def test_a_port_that_is_taken_leaves_the_running_edge_alone(stack: Stack) -> None:
    before = stack.lives()
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        refused = stack.toolkit("up", f"--set=services.edge.port={taken}", code=1)
    assert f"edge: port 127.0.0.1:{taken} is taken" in refused.err
    assert f"(pid {os.getpid()})" in refused.err
    assert stack.lives() == before
    stack.toolkit("render", "--check")
    stack.toolkit("status")
