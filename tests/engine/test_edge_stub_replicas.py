"""A real HAProxy before two equal servers of one model and a stand-in: who gets which request, and who dies."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tests.support.edge_config import model
from tests.support.edge_lab import KEY, EdgeLab, docker, edge_lab, until
from tests.support.load import Load
from tests.support.under_load import Toll, under_load

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.engine
PLACES = 8
# More than both servers take at once, so that requests wait at each of them.
LOAD = 48
SIBLING = {"general-1": "general-2", "general-2": "general-1"}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeLab]:
    models = (model("general", "fast", PLACES, replicas=2), model("fast", "general", PLACES))
    with edge_lab(tmp_path_factory.mktemp("edge"), *models) as running:
        yield running


@pytest.fixture
def lab(shared: EdgeLab) -> EdgeLab:
    shared.make_ready()
    return shared


def killed_under_load(lab: EdgeLab, *servers: str) -> tuple[Toll, Counter[str | None]]:
    """Return what the deaths cost, and by whom what began after them was answered."""
    load = Load(lab.url, KEY, "general", plain=LOAD, extra={"stub": {"delay_s": 0.15}})
    results, died_at = under_load([load], lambda: lab.kill(*servers))
    return Toll.of(results, died_at), Counter(r.served_by for r in results if r.ended_at > died_at)


def test_requests_spread_evenly(lab: EdgeLab) -> None:
    with ThreadPoolExecutor(PLACES) as pool:
        answers = list(pool.map(lambda _: lab.ask("general", stub={"delay_s": 1.0}), range(PLACES)))
    served = Counter(answer.headers["x-served-by"] for answer in answers)
    assert served == {"llm-general-1": PLACES // 2, "llm-general-2": PLACES // 2}


@pytest.mark.parametrize("server", SIBLING)
def test_the_sibling_takes_over_what_ran_and_what_waited(lab: EdgeLab, server: str) -> None:
    toll, served = killed_under_load(lab, server)
    assert toll.running_plain > 2 * PLACES
    toll.assert_only_begun_answers_suffered()
    assert served[f"llm-{SIBLING[server]}"] >= LOAD - PLACES
    assert served["llm-fast"] == 0


def test_the_stand_in_takes_over_when_all_die(lab: EdgeLab) -> None:
    toll, served = killed_under_load(lab, "general-1", "general-2")
    assert toll.running_plain > 2 * PLACES
    toll.assert_only_begun_answers_suffered()
    assert served["llm-fast"] >= LOAD


def test_a_busy_one_is_passed_on_to_the_stand_in(lab: EdgeLab) -> None:
    lab.tell("general-1", "/busy")
    lab.tell("general-2", "/busy")
    answer = lab.ask("general")
    assert (answer.status_code, answer.headers["x-served-by"]) == (200, "llm-fast")
    for server in SIBLING:
        lab.tell(server, "/normal")


@pytest.mark.parametrize("trouble", ["/mute", "/busy"])
def test_the_sibling_answers_for_one_in_trouble(lab: EdgeLab, trouble: str) -> None:
    lab.tell("general-1", trouble)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: lab.ask("general"), range(20)))
    lab.tell("general-1", "/normal")
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.headers["x-served-by"] for answer in answers} == {"llm-general-2"}


def test_reloads_keep_the_states_of_all(lab: EdgeLab) -> None:
    docker("kill", lab.llm("general-1"))
    answers = [lab.ask("general") for _ in range(4)]
    assert {answer.headers["x-served-by"] for answer in answers} == {"llm-general-2"}
    until(lambda: not lab.own("general-1").up, "the dead one is out, also where nobody was sent to it")
    state = lab.admin.reload(lab.write_config(max_connections=500), lab.deadline())
    assert {server.server: server.up for server in state.servers} == {
        "llm-general-1": False,
        "llm-general-2": True,
        "llm-fast": True,
    }
