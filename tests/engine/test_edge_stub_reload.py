"""A real HAProxy that is reloaded: nothing is dropped, and what it refuses changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import httpx
import pytest

from tests.support import edge_config
from tests.support.edge_lab import KEY, EdgeLab, docker, edge_lab
from tests.support.load import Load, Result, run_load
from toolkit.errors import EngineError

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeLab]:
    with edge_lab(tmp_path_factory.mktemp("edge")) as running:
        running.make_ready()
        yield running


def loaded(lab: EdgeLab) -> str:
    return httpx.get(f"{lab.url}/healthz").text.removeprefix("ok ")


def test_a_reload_drops_nothing(lab: EdgeLab) -> None:
    steer = {"stub": {"delay_s": 0.02, "events": 10, "gap_s": 0.03}}
    long_stream = {"stub": {"events": 30, "gap_s": 0.2}}

    async def reloads() -> tuple[list[Result], list[Result]]:
        stop = asyncio.Event()
        running = asyncio.create_task(run_load(Load(lab.url, KEY, "general", 8, 8, extra=steer), stop))
        long = asyncio.create_task(run_load(Load(lab.url, KEY, "fast", 0, 1, requests=1, extra=long_stream)))
        await asyncio.sleep(0.5)
        for max_connections in (500, 501, 502):
            digest = lab.write_config(max_connections=max_connections)
            state = await asyncio.to_thread(lab.admin.reload, digest, lab.deadline())
            assert (state.digest, [server.up for server in state.servers]) == (digest, [True] * 4)
            assert loaded(lab) == digest
        stop.set()
        return await running, await long

    results, long = asyncio.run(reloads())
    assert [result for result in results if result.failed] == []
    assert len(results) > 100
    assert {result.served_by for result in results} == {"llm-general"}
    assert (long[0].error, long[0].events) == (None, 31)
    assert docker("inspect", "-f", "{{.RestartCount}} {{.State.Status}}", lab.container("edge")) == "0 running"


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


def test_keys_and_server_states_outlive_a_reload(lab: EdgeLab) -> None:
    digest = lab.write_config()
    lab.admin.reload(digest, lab.deadline())
    assert lab.ask().headers["x-served-by"] == "llm-general"
    docker("stop", "-t", "0", lab.llm("general"))
    state = lab.admin.reload(lab.write_config(max_connections=300), lab.deadline())
    states = {(server.backend, server.server): server.up for server in state.servers}
    assert states["llm-fast", "llm-fast"]
    assert lab.ask().headers["x-served-by"] == "llm-fast"


def test_the_rendered_configuration_is_accepted_without_a_warning(lab: EdgeLab) -> None:
    lab.admin.check(edge_config.text("haproxy.cfg", lab.values)[0], lab.deadline())
    said = docker("exec", lab.container("edge"), "bash", "-c", "haproxy -c -f /usr/local/etc/haproxy/haproxy.cfg 2>&1")
    others = [line for line in said.splitlines() if "[WARNING]" in line and "is DOWN" not in line]
    assert others == []
    assert "Configuration file is valid" in said or "Warnings were found" in said
