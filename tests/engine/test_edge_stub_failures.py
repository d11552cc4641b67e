"""A real HAProxy before stub servers that die, restart, change their addresses: who gets which request."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.support.edge_lab import KEY, MODELS, EdgeLab, docker, edge_lab, until
from tests.support.load import Load, Result, failures, run_load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.engine
STEER = {"stub": {"delay_s": 0.05, "events": 10, "gap_s": 0.03}}
OTHER = {"general": "fast", "fast": "general"}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeLab]:
    with edge_lab(tmp_path_factory.mktemp("edge"), start_delay_s=2.0) as running:
        yield running


@pytest.fixture
def lab(shared: EdgeLab) -> EdgeLab:
    shared.make_ready()
    return shared


def under_load(
    lab: EdgeLab, model: str, act: Callable[[], None], plain: int = 16, streamed: int = 16
) -> list[Result]:
    """Run the load, `act` after one second of it, and stop it two seconds after that."""

    async def both() -> list[Result]:
        stop = asyncio.Event()
        load = Load(lab.url, KEY, model, plain, streamed, extra=STEER)
        running = asyncio.create_task(run_load(load, stop))
        await asyncio.sleep(1.0)
        await asyncio.to_thread(act)
        await asyncio.sleep(2.0)
        stop.set()
        return await running

    return asyncio.run(both())


def assert_only_begun_streams_failed(results: list[Result]) -> None:
    plain, unbegun, _ = failures(results)
    assert [(result.status, result.error, result.text) for result in (*plain, *unbegun)] == []


def test_nobody_is_admitted_before_it_has_answered(shared: EdgeLab) -> None:
    shared.compose("restart", "-t", "0", "edge")
    until(lambda: _serves(shared), "the edge is back")
    end = time.monotonic() + 3.0
    while time.monotonic() < end:
        answer = shared.ask()
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert "still loading" in answer.json()["error"]["message"]
    shared.answer_once("fast")
    shared.admitted("fast")
    assert [shared.ask(model).headers["x-served-by"] for model in MODELS] == ["llm-fast", "llm-fast"]
    shared.answer_once("general")
    shared.admitted("general")
    assert [shared.ask(model).headers["x-served-by"] for model in MODELS] == ["llm-general", "llm-fast"]


def _serves(lab: EdgeLab) -> bool:
    try:
        return lab.ask().status_code == 503
    except httpx.HTTPError:
        return False


@pytest.mark.parametrize("model", MODELS)
def test_a_killed_server_costs_only_streams_that_had_begun(lab: EdgeLab, model: str) -> None:
    killed_at = []

    def kill() -> None:
        killed_at.append(time.monotonic())
        docker("kill", lab.llm(model))

    results = under_load(lab, model, kill)
    assert_only_begun_streams_failed(results)
    late = [result for result in results if result.began_at > killed_at[0] + 0.5 and not result.failed]
    assert len(late) > 16
    assert {result.served_by for result in late} == {f"llm-{OTHER[model]}"}
    assert any(result.served_by == f"llm-{model}" for result in results)


def test_a_server_that_restarts_by_itself_waits_for_its_first_answer(lab: EdgeLab) -> None:
    results = under_load(lab, "general", lambda: lab.tell("general", "/kill"), plain=4, streamed=4)
    assert_only_begun_streams_failed(results)
    until(lambda: lab.own("general").check == "L7RSP", "general listens again, unanswered")
    assert lab.ask("general").headers["x-served-by"] == "llm-fast"
    lab.answer_once("general")
    lab.admitted("general")
    assert lab.ask("general").headers["x-served-by"] == "llm-general"


def test_recreated_servers_are_found_at_each_other_s_address(lab: EdgeLab) -> None:
    before = {model: lab.server_url(model) for model in MODELS}

    def swap() -> None:
        lab.compose("rm", "-sf", "llm-general", "llm-fast")
        for model in sorted(MODELS, key=lambda model: before[OTHER[model]]):
            lab.compose("up", "-d", "--no-deps", "--no-build", "--pull", "never", f"llm-{model}")
        for model in MODELS:
            lab.answer_once(model)

    results = under_load(lab, "general", swap, plain=4, streamed=0)
    assert {model: lab.server_url(model) for model in MODELS} == {m: before[OTHER[m]] for m in MODELS}
    for model in MODELS:
        lab.admitted(model)
        assert lab.ask(model).headers["x-served-by"] == f"llm-{model}"
    served = {(result.served_by, json.loads(result.text)["model"]) for result in results if not result.failed}
    assert served <= {("llm-general", "general"), ("llm-fast", "fast")}
