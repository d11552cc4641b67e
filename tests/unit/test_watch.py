"""A watch ends in time whatever its parts do, and writes down what they saw, when they asked for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Sequence
from typing import Any

from toolkit.clock import SYSTEM_CLOCK
from toolkit.engine.runner import Completed
from toolkit.engine.ticking import Ticking
from toolkit.facts import CardProcessFact, CardStateFact, ContainerFact, HostFact, Series, UsageFact
from toolkit.routines import watch_parts
from toolkit.routines.recording import Recorder
from toolkit.routines.watch import AFTER_S, Part, Watching, watch


def run(*parts: Part, seconds: float = 0.6) -> dict[tuple[str, str], list[float | None]]:
    found = watch({str(n): part for n, part in enumerate(parts)}, seconds, SYSTEM_CLOCK)
    return values(found)


def values(found: Iterable[Series]) -> dict[tuple[str, str], list[float | None]]:
    return {(one.name, one.subject): [value for _, value in one.points] for one in found}


def test_what_hangs_or_breaks_costs_itself_only() -> None:
    held = threading.Event()

    def hang(_: Watching) -> None:
        held.wait(30)

    def break_off(_: Watching) -> None:
        raise OSError("gone")

    def good(watching: Watching) -> None:
        for at in watching.ticks():
            watching.recorder.note("n", "x", "", at)

    began = time.monotonic()
    found = run(hang, break_off, good, seconds=1.6)
    held.set()
    assert time.monotonic() - began < 1.6 + AFTER_S
    assert found["lost", "1: gone"] == [1.0]
    assert set(found) == {("lost", "1: gone"), ("n", "x")}
    assert found["n", "x"][0] == 0.0


def test_looks_that_come_too_late_are_left_out() -> None:
    at: list[float] = []

    def slow(watching: Watching) -> None:
        for tick in watching.ticks():
            at.append(tick)
            time.sleep(2.2)

    watch({"slow": slow}, 3.2, SYSTEM_CLOCK)
    assert at[0] == 0.0
    assert 1.0 not in at


def test_nothing_is_written_after_the_end() -> None:
    recorder = Recorder(SYSTEM_CLOCK)
    recorder.note("n", "x", "", 2.0, 5.0)
    recorder.note("n", "x", "", 1.0, 4.0)
    (one,) = recorder.close()
    assert one.points == ((4.0, 1.0), (5.0, 2.0))
    recorder.note("n", "x", "", 3.0)
    assert recorder.series() == (one,)


def test_people_see_it_while_it_goes_on() -> None:
    shown: list[float] = []
    watch({}, 1.1, SYSTEM_CLOCK, lambda _, whole_s: shown.append(whole_s))
    assert shown[0] == 1.1
    assert len(shown) >= 2


def test_containers_machine_and_cards() -> None:
    facts = (
        ContainerFact(
            "redis", "a", "llm-x-redis-1", "running", "healthy", started_at="2026-12-01T04:00:00.123456789Z"
        ),
        ContainerFact("api", "b", "llm-x-api-2", "exited", restart_count=3),
    )
    used = (UsageFact("redis", "a", 5, 64, 12.5, pids=1),)
    card = CardStateFact(
        0, "GPU-1", 100, 60, 80, processes=(CardProcessFact(1, "vllm", 55, "llm-fast", "c"),)
    )
    found = run(
        watch_parts.containers("llm-x", lambda: facts, lambda _: used),
        watch_parts.machine(lambda: HostFact(100, 25, 2, "Linux"), lambda: 50.0),
        watch_parts.cards(lambda: (card,)),
    )
    assert found[("up", "redis")] == [1.0]
    assert found[("up", "api-2")] == [0.0]
    assert found[("restarts", "api-2")] == [3]
    assert found[("started", "api-2")] == [None]
    assert found[("started", "redis")] == [1796097600.123456]
    assert found[("memory", "redis")] == [5]
    assert found[("host_memory", "host")] == [0.75]
    assert found[("host_cpu", "host")] == [0.5]
    assert found[("gpu_memory", "llm-fast on card 0")] == [55]
    assert found[("gpu_use", "card 0")] == [80]


def test_a_short_watch_looks_at_containers_twice_a_second() -> None:
    used = (UsageFact("redis", "a", 5, 64),)
    facts = (ContainerFact("redis", "a", "p-redis-1", "running"),)
    found = run(watch_parts.containers("p", lambda: facts, lambda _: used), seconds=1.6)
    assert found[("memory", "redis")] == [5, 5, 5]


class Container:
    """A program in a container that answers each line it is sent with `text`."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.argv: Sequence[str] = ()

    def run(self, argv: Sequence[str], **more: Any) -> Completed:
        assert more["deadline"].remaining_s() > 0
        self.argv = argv
        for _ in more["stdin"]:
            for line in [*self.text.splitlines(), "@@ this was all"]:
                more["on_line"](line)
        return Completed(tuple(argv), 0, "", "", 0.0)


def test_a_model_server_is_asked_by_one_program_for_the_whole_watch() -> None:
    metrics = (
        '# TYPE vllm:num_requests_waiting gauge\nvllm:num_requests_waiting{engine="0"} 3.0\n'
        '# TYPE vllm:num_requests_running gauge\nvllm:num_requests_running{engine="0"} 2.0\n'
    )
    container = Container(metrics)
    found = run(watch_parts.model_server(Ticking(container, "p"), "llm-fast"), seconds=1.6)
    assert set(found[("waiting", "llm-fast")]) == {3.0}
    assert set(found[("running", "llm-fast")]) == {2.0}
    assert set(found[("kv_cache", "llm-fast")]) == {None}
    assert container.argv[3] == "p-llm-fast-1"


def test_the_edge_tells_requests_failures_and_who_waits() -> None:
    table = (
        "Name: HAProxy\n# pxname,svname,qcur,req_tot,hrsp_5xx,\n"
        "edge,FRONTEND,,500,7,\nllm-fast,llm-fast,4,,,\nllm-fast,BACKEND,4,,,\n"
    )
    found = run(watch_parts.edge(Ticking(Container(table), "p"), ["llm-fast", "llm-general"]))
    assert found[("requests", "edge")] == [500]
    assert found[("failures", "edge")] == [7]
    assert found[("queued", "llm-fast")] == [4]
    assert found[("queued", "llm-general")] == [None]
