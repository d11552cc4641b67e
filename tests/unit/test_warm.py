"""The warm-up of models: who is asked, in which order, how many at once, and what is remembered of it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.support.clocks import HandClock
from tests.support.fake_engine import HEALTHY, STARTING, FakeEngine
from tests.support.listener import Listener
from tests.support.plans import plan
from toolkit.engine.compose import ComposeEngine
from toolkit.engine.runner import Completed
from toolkit.errors import ServiceFailedError
from toolkit.probes.containers import Containers
from toolkit.probes.events import Events
from toolkit.resources import resource_dir
from toolkit.routines.acting import Acts
from toolkit.routines.warm import Warming, WarmUp
from toolkit.state.directory import StateDirectory
from toolkit.state.warmth import Warmth

SHAPE = {"shape": "short", "requests": 1, "failed": 0, "elapsed_s": 0.1, "reason": ""}
FAILED = {**SHAPE, "failed": 1, "reason": "HTTP 500: no"}
MODELS = ("llm-general", "llm-fast")


class Asked(FakeEngine):
    """Model servers that run the script: what they were given, and how many ran at once."""

    def __init__(self) -> None:
        super().__init__()
        self.orders: list[dict[str, Any]] = []
        self.answers: dict[str, list[dict[str, Any]]] = {}
        self.most = 0
        self._now = 0
        self._lock = threading.Lock()
        self.meet: threading.Barrier | None = None

    def run(self, argv: Sequence[str], **given: Any) -> Completed:
        if list(argv)[-2:-1] != ["-"]:
            return super().run(argv, **given)
        order = json.loads(argv[-1])
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        if self.meet is not None:
            self.meet.wait(10)
        self.orders.append(order)
        assert "warm_up" in given["stdin"]
        for line in self.answers.get(order["model"], [SHAPE]):
            given["on_line"](json.dumps(line))
        given["on_line"]("some other line")
        with self._lock:
            self._now -= 1
        return Completed(tuple(argv), 0, "", "", 0.0)


class Bench:
    def __init__(self, directory: Path, *sets: str) -> None:
        self.engine, self.told = Asked(), Listener()
        self.plan = plan(*sets)
        self.warmth = Warmth(StateDirectory(directory, "testing").ensure())
        for name in MODELS:
            self.box(name)

    def box(self, service: str, state: Any = HEALTHY, started: str = "2026-01-01T00:00:00Z") -> None:
        self.engine.boxes[service] = {
            "Id": f"id-{service}",
            "Name": f"/p-{service}-1",
            "RestartCount": 0,
            "Image": "sha256:1",
            "Config": {"Labels": {"com.docker.compose.service": service}},
            "State": {**state, "ExitCode": 0, "StartedAt": started},
        }

    def warming(self, cached: Callable[[], Collection[str]] = tuple) -> Warming:
        engine, clock = ComposeEngine(self.engine, self.plan.project, Path("/build")), HandClock()
        containers = Containers(self.engine)
        acts = Acts(
            runner=self.engine,
            engine=engine,
            containers=containers,
            events=Events(self.engine, self.plan.project),
            compose_dir=resource_dir("compose"),
            project_dir=Path("/p"),
            clock=clock,
            progress=self.told,
        )
        return Warming(
            plan=self.plan,
            engine=engine,
            containers=containers,
            acts=acts,
            warmth=self.warmth,
            script=resource_dir("compose") / "models" / "warm_up.py",
            edge=None,
            prompts=(),
            cached=cached,
            progress=self.told,
            clock=clock,
        )


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_each_model_is_asked_by_its_own_name_and_limits(bench: Bench) -> None:
    found = bench.warming().models(only_cold=True)

    assert [(one.service, one.reason, len(one.shapes)) for one in found] == [
        ("llm-general", "", 1),
        ("llm-fast", "", 1),
    ]
    general = {"model": "general", "port": 8000, "pooling": False, "context": 6144, "sequences": 16}
    assert bench.engine.orders == [
        {**general, "budget_s": 60.0},
        {**general, "model": "fast", "budget_s": 60.0},
    ]
    assert bench.engine.most == 1
    assert "llm-general: warming up: short" in bench.told.states


def test_as_many_at_once_as_may_load_at_once(tmp_path: Path) -> None:
    bench = Bench(tmp_path, "features.preload_max_concurrent=2")
    bench.engine.meet = threading.Barrier(2)
    assert len(bench.warming().models(only_cold=True)) == 2
    assert bench.engine.most == 2


def test_what_is_warm_stays_warm_until_its_container_starts_again(bench: Bench) -> None:
    warming = bench.warming()
    warming.models(only_cold=True)
    assert (warming.cold(), warming.models(only_cold=True)) == ((), ())
    # The engine has restarted it by itself.
    bench.box("llm-fast", started="2026-01-01T01:00:00Z")
    assert warming.cold() == ("llm-fast",)
    assert [one.service for one in warming.models(only_cold=True)] == ["llm-fast"]
    assert len(warming.models(only_cold=False)) == 2


def test_what_does_not_answer_stays_cold(bench: Bench) -> None:
    bench.engine.answers["general"] = [SHAPE, FAILED]
    found = bench.warming().models(only_cold=True)
    assert [one.reason for one in found] == ["HTTP 500: no", ""]
    assert bench.warming().cold() == ("llm-general",)


def test_it_waits_for_what_is_still_loading(bench: Bench) -> None:
    bench.box("llm-fast", STARTING)
    found = bench.warming().when_ready(only_cold=True)
    assert [one.service for one in found] == list(MODELS)
    assert bench.told.phases == ["wait", "warm"]


def test_what_never_comes_up_is_told_when_the_others_are_warm(bench: Bench) -> None:
    bench.box("llm-fast", STARTING)
    bench.engine.fates["llm-fast"] = {"Status": "exited", "ExitCode": 1}
    with pytest.raises(ServiceFailedError, match=r"^llm-fast: ended with exit code 1"):
        bench.warming().when_ready(only_cold=True)
    assert [order["model"] for order in bench.engine.orders] == ["general"]


def test_only_what_is_cold_is_left_to_the_background(bench: Bench) -> None:
    started: list[str] = []
    step = WarmUp(bench.warming(), lambda: started.append("it"))
    assert (step.due, step.later(), started) == (True, True, ["it"])
    step.models()
    assert (step.due, step.later(), started) == (False, False, ["it"])
    none = WarmUp(None, lambda: started.append("it"))
    assert (none.wanted, none.due, none.later()) == (False, False, False)
    assert (none.models(), none.stores(), none.usual()) == ((), (), None)


def test_somebody_at_work_is_seen_and_waited_for(bench: Bench) -> None:
    assert not bench.warmth.at_work
    with bench.warmth.alone():
        assert bench.warmth.at_work
        other = threading.Thread(target=lambda: bench.warming().models(only_cold=True))
        other.start()
        other.join(0.05)
        assert (other.is_alive(), bench.engine.orders) == (True, [])
    other.join(10)
    assert len(bench.engine.orders) == 2
    assert not bench.warmth.at_work
