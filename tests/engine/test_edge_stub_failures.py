"""A real HAProxy before stub servers that die, restart, change their addresses: who gets which request."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.support.edge_lab import KEY, EdgeLab, edge_lab, until
from tests.support.edge_project import MODELS
from tests.support.load import Load, Result, failures
from tests.support.under_load import under_load

if TYPE_CHECKING:
    from collections.abc import Iterator

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


def assert_only_begun_answers_failed(results: list[Result]) -> None:
    unanswered, _, cut_plain = failures(results)
    assert [(result.status, result.error, result.text) for result in unanswered] == []
    # The stub sends a plain answer in one piece, but a kill can come between two writes of that.
    assert len(cut_plain) <= 1, cut_plain


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


def killed(lab: EdgeLab, model: str) -> float:
    lab.kill(model)
    return time.monotonic()


@pytest.mark.parametrize("model", MODELS)
def test_a_killed_server_costs_only_answers_that_had_begun(lab: EdgeLab, model: str) -> None:
    load = Load(lab.url, KEY, model, plain=16, streamed=16, extra=STEER)
    results, killed_at = under_load([load], lambda: killed(lab, model))
    assert_only_begun_answers_failed(results)
    assert {r.served_by for r in results if r.began_at > killed_at} == {f"llm-{OTHER[model]}"}
    assert any(r.served_by == f"llm-{model}" for r in results)


def test_a_server_that_restarts_by_itself_waits_for_its_first_answer(lab: EdgeLab) -> None:
    load = Load(lab.url, KEY, "general", plain=4, streamed=4, extra=STEER)
    results, _ = under_load([load], lambda: lab.tell("general", "/kill"))
    assert_only_begun_answers_failed(results)
    until(lambda: lab.own("general").check == "L7RSP", "general listens again, unanswered")
    assert lab.ask("general").headers["x-served-by"] == "llm-fast"
    lab.answer_once("general")
    lab.admitted("general")
    assert lab.ask("general").headers["x-served-by"] == "llm-general"


def test_recreated_servers_are_found_and_no_address_stands_for_the_wrong_model(lab: EdgeLab) -> None:
    before = {model: lab.server_url(model) for model in MODELS}

    def swap() -> None:
        lab.compose("rm", "-sf", "llm-general", "llm-fast")
        # Where the engine gives the lowest free address first, each now gets the other's.
        for model in sorted(MODELS, key=lambda model: before[OTHER[model]]):
            lab.compose("up", "-d", "--no-deps", "--no-build", "--pull", "never", f"llm-{model}")
        for model in MODELS:
            lab.answer_once(model)

    results, _ = under_load([Load(lab.url, KEY, "general", plain=4, extra=STEER)], swap)
    assert all(lab.server_url(model) != before[model] for model in MODELS)
    for model in MODELS:
        lab.admitted(model)
        assert lab.ask(model).headers["x-served-by"] == f"llm-{model}"
    served = {(result.served_by, json.loads(result.text)["model"]) for result in results if not result.failed}
    assert served <= {("llm-general", "general"), ("llm-fast", "fast")}
