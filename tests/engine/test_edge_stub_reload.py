"""A real HAProxy that is reloaded: nothing is dropped, and what it refuses changes nothing."""

from __future__ import annotations

import asyncio
import hashlib
import time
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.support import edge_config
from tests.support.edge_lab import KEY, EdgeLab, docker, edge_lab, until
from tests.support.load import Load, Result, run_load
from toolkit.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeLab]:
    with edge_lab(tmp_path_factory.mktemp("edge"), start_delay_s=2.0) as running:
        running.make_ready()
        yield running


def loaded(lab: EdgeLab) -> str:
    return httpx.get(f"{lab.url}/healthz").text.removeprefix("ok ")


async def more_than(many: int, seen: list[Result]) -> None:
    end = time.monotonic() + 60.0
    while len(seen) <= many:
        assert time.monotonic() < end, f"{len(seen)} answers"
        await asyncio.sleep(0.02)


def test_a_reload_drops_nothing(lab: EdgeLab) -> None:
    steer = {"stub": {"delay_s": 0.02, "events": 10, "gap_s": 0.03}}
    long_stream = {"stub": {"events": 25, "gap_s": 0.2}}

    async def reloads() -> tuple[list[Result], list[Result]]:
        stop, seen = asyncio.Event(), list[Result]()
        running = asyncio.create_task(run_load(Load(lab.url, KEY, "general", 8, 8, extra=steer), stop, seen))
        long = asyncio.create_task(run_load(Load(lab.url, KEY, "fast", 0, 1, requests=1, extra=long_stream)))
        await more_than(16, seen)
        for max_connections in (500, 501):
            digest = lab.write_config(max_connections=max_connections)
            state = await asyncio.to_thread(lab.admin.reload, digest, lab.deadline())
            assert (state.digest, [server.up for server in state.servers]) == (digest, [True] * 2)
            assert loaded(lab) == digest
            await more_than(len(seen) + 32, seen)
        stop.set()
        return await running, await long

    results, long = asyncio.run(reloads())
    assert [result for result in results if result.failed] == []
    assert {result.served_by for result in results} == {"llm-general"}
    assert (long[0].error, long[0].events) == (None, 26)
    assert (
        docker("inspect", "-f", "{{.RestartCount}} {{.State.Status}}", lab.container("edge")) == "0 running"
    )


def test_a_refused_configuration_leaves_the_former_one_serving(lab: EdgeLab) -> None:
    before = loaded(lab)
    bad = edge_config.text("haproxy.cfg", lab.values)[0].replace("    bind :8080", "    bnd :8080")
    with pytest.raises(EngineError) as by_text:
        lab.admin.check(bad, lab.deadline())
    (lab.directory / "edge" / "haproxy.cfg").write_text(bad)
    with pytest.raises(EngineError) as by_file:
        lab.admin.reload("0" * 12, lab.deadline())
    for error in (by_text, by_file):
        assert error.value.exit_code == 3
        assert "edge: HAProxy refuses the configuration" in str(error.value)
        assert "unknown keyword 'bnd' in 'frontend' section" in str(error.value)
    assert loaded(lab) == before
    assert lab.ask().status_code == 200


def test_a_key_of_the_file_and_the_states_of_the_servers_are_taken_over(lab: EdgeLab) -> None:
    keys = lab.directory / "keys" / "keys.map"
    keys.write_text(f"{keys.read_text()}{hashlib.sha256(b'sk-second').hexdigest()} second\n")
    lab.tell("general", "/kill")
    until(lambda: not lab.own("general").up, "general is down")
    state = lab.admin.reload(lab.write_config(), lab.deadline())
    up = {(server.backend, server.server): server.up for server in state.servers}
    assert up["llm-fast", "llm-fast"]
    assert not up["llm-general", "llm-general"]
    answer = lab.ask("general", key="sk-second")
    assert (answer.status_code, answer.headers["x-served-by"]) == (200, "llm-fast")


def test_the_rendered_configuration_is_accepted_without_a_warning(lab: EdgeLab) -> None:
    lab.admin.check(edge_config.text("haproxy.cfg", lab.values)[0], lab.deadline())
    check = "haproxy -c -V -f /usr/local/etc/haproxy/haproxy.cfg 2>&1 || true"
    said = docker("exec", lab.container("edge"), "bash", "-c", check)
    assert "Configuration file is valid" in said
    # That all servers are down is what the state file is there to say.
    assert [line for line in said.splitlines() if "[WARNING]" in line and " is DOWN" not in line] == []
