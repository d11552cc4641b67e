"""A real HAProxy before two models: own server, the other's, and its own once more after a second."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tests.support.edge_config import model
from tests.support.edge_lab import EdgeLab, edge_lab, until
from tests.support.edge_project import MODELS
from toolkit.planning.edge_pools import edge_pools
from toolkit.values import replace

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.engine
OTHER = {"general": "fast", "fast": "general"}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeLab]:
    with edge_lab(tmp_path_factory.mktemp("edge")) as running:
        # A request is held back here until a server has died or come back, however long that takes.
        running.values = replace(running.values, read_ms=30_000, pool_ms=60_000)
        running.admin.reload(running.write_config(), running.deadline())
        yield running


@pytest.fixture
def lab(shared: EdgeLab) -> EdgeLab:
    shared.make_ready()
    return shared


def unanswered(lab: EdgeLab, model: str) -> bool:
    seen = lab.own(model)
    return seen.check == "L7RSP" and not seen.up


@pytest.mark.parametrize("own", MODELS)
@pytest.mark.parametrize("trouble", ["/kill", "/mute", "/busy"])
def test_the_first_is_asked_again_when_it_is_back_in_time(lab: EdgeLab, own: str, trouble: str) -> None:
    lab.tell(own, "/kill")
    # One failed check is not enough to take it out, where it came back between two of them.
    until(lambda: unanswered(lab, own), f"{own} listens again, is out, and has answered nothing")
    with ThreadPoolExecutor() as pool:
        asked = pool.submit(lab.ask, own, stub={"hold": OTHER[own]})
        until(lambda: lab.counts(OTHER[own])["running"] == 1, "the other model works on it")
        lab.answer_once(own)
        lab.admitted(own)
        lab.tell(OTHER[own], trouble)
    answer = asked.result()
    lab.tell(OTHER[own], "/normal")
    assert (answer.status_code, answer.headers["x-served-by"]) == (200, f"llm-{own}")


def test_the_last_try_is_a_second_later(lab: EdgeLab) -> None:
    for one in MODELS:
        lab.tell(one, "/busy")
    began = time.monotonic()
    answer = lab.ask()
    elapsed_s = time.monotonic() - began
    for one in MODELS:
        lab.tell(one, "/normal")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert elapsed_s >= 1.0


def test_a_model_that_stands_alone_is_asked_twice(lab: EdgeLab) -> None:
    alone = model("general")
    lab.admin.reload(lab.write_config(pools=edge_pools([alone])), lab.deadline())
    lab.tell("general", "/busy-once")
    answer = lab.ask()
    assert (answer.status_code, answer.headers["x-served-by"]) == (200, "llm-general")
    lab.admin.reload(lab.write_config(), lab.deadline())
