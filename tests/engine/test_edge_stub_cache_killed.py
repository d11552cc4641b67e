"""A real nginx behind a real HAProxy dies, is away, and comes back: no request is the worse for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.edge_lab import KEY, EdgeLab, docker, edge_lab, until
from tests.support.load import Load
from tests.support.under_load import under_load
from toolkit.planning.edge import EdgeCache

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.engine
GREEDY = {"temperature": 0, "stub": {"delay_s": 0.05}}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeLab]:
    with edge_lab(tmp_path_factory.mktemp("edge"), cache=EdgeCache("one")) as running:
        running.make_ready()
        until(lambda: asked_of(running) == "HIT", "the cache is in use")
        yield running


def asked_of(lab: EdgeLab) -> str:
    return str(lab.ask(temperature=0).headers["x-cache"])


@pytest.mark.parametrize("act", ["kill", "stop"])
def test_its_end_costs_no_request_and_it_comes_back_by_itself(lab: EdgeLab, act: str) -> None:
    cache = lab.container("response-cache")
    loads = [Load(lab.url, KEY, plain=8, extra=GREEDY, varied=varied) for varied in (False, True)]
    results, _ = under_load(loads, lambda: docker(act, cache), before=4, after=8)
    assert [result for result in results if result.failed] == []
    assert asked_of(lab) == "BYPASS"
    # A killed one leaves its socket file behind.
    docker("start", cache)
    until(lambda: asked_of(lab) == "HIT", "the cache is back, and has kept what it had")


def test_one_that_cannot_ask_the_edge_costs_nothing(lab: EdgeLab) -> None:
    door = "/run/edge-sockets/edge.sock"
    docker("exec", lab.container("edge"), "chmod", "600", door)
    answer = lab.ask(temperature=0, user="never asked before")
    docker("exec", lab.container("edge"), "chmod", "666", door)
    assert (answer.status_code, answer.headers["x-cache"]) == (200, "BYPASS")


def test_an_edge_that_starts_without_it_answers_all_the_same(lab: EdgeLab) -> None:
    docker("stop", lab.container("response-cache"))
    lab.compose("restart", "-t", "1", "edge")
    lab.admitted("general")
    assert asked_of(lab) == "BYPASS"
    docker("start", lab.container("response-cache"))
    until(lambda: asked_of(lab) in {"HIT", "MISS"}, "the cache is used")
