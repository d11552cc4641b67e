"""What a wait tells while nothing happens."""

from __future__ import annotations

from tests.support.clocks import HandClock
from tests.support.listener import Listener
from toolkit.errors import EngineError, Problem
from toolkit.facts import ContainerFact
from toolkit.routines.heartbeat import Heartbeat
from toolkit.routines.progress import Waiting

BUDGETS = {"llm-general": 270.0, "llm-fast": 540.0, "redis": 70.0}
BEHIND = {"llm-fast": ["llm-general"]}


def fact(service: str, health: str = "starting") -> ContainerFact:
    return ContainerFact(service, f"id-{service}", service, "running", health)


def test_the_slowest_is_the_last_expected_of_those_that_wait_for_nobody() -> None:
    told, clock = Listener(), HandClock()
    heart = Heartbeat(BUDGETS, BEHIND, lambda container: f"line of {container}", told, clock)
    for name in BUDGETS:
        heart.note(fact(name))
    clock.now += 12
    heart.beat()
    heart.note(fact("redis", "healthy"))
    heart.note(fact("llm-general", "healthy"))
    heart.beat()
    heart.note(fact("llm-fast", "healthy"))
    heart.beat()

    first = (
        Waiting("redis", 12, 70, slowest=False),
        Waiting("llm-general", 12, 270, slowest=True),
        Waiting("llm-fast", 12, 540, slowest=False),
    )
    second = (Waiting("llm-fast", 12, 540, slowest=True),)
    assert told.waits == [(first, "line of id-llm-general"), (second, "line of id-llm-fast")]


def test_without_a_container_or_an_engine_there_is_no_line() -> None:
    def gone(_: str) -> str:
        raise EngineError(Problem("engine", "is away"))

    told = Listener()
    heart = Heartbeat({"redis": 70.0}, {}, gone, told, HandClock())
    heart.beat()
    heart.note(fact("redis"))
    heart.beat()
    assert [said for _, said in told.waits] == ["", ""]


def test_it_beats_by_itself_as_often_as_the_listener_wants() -> None:
    told = Listener()
    told.beat_s = 0.001
    with Heartbeat({"redis": 70.0}, {}, lambda _: "", told, HandClock()):
        while not told.waits:
            pass
    assert told.waits[0][0] == (Waiting("redis", 0, 70, slowest=True),)
