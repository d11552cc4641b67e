"""`warmup`: models are asked what users will ask them, and the data tier is reached once, before users do it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.clock import Clock, Deadline
from toolkit.errors import ToolkitError
from toolkit.planning.gate import PORT
from toolkit.planning.start import budgets
from toolkit.routines.priming import Primed, Reached, prime, reach_stores

if TYPE_CHECKING:
    from pathlib import Path

    from toolkit.engine.compose import ComposeEngine
    from toolkit.facts import ContainerFact
    from toolkit.planning.plan import Plan
    from toolkit.planning.plan import WarmUp as Planned
    from toolkit.probes.containers import Containers
    from toolkit.routines.acting import Acts
    from toolkit.routines.progress import Progress
    from toolkit.routines.serving_edge import ServingEdge
    from toolkit.state.warmth import Warmth

# What the script needs beside what it asks: Python, and the engine's way into the container.
_AROUND_S = 15.0


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind of request, as often as it was asked at once; `reason` says why some failed, or why none was asked."""

    shape: str
    requests: int
    failed: int
    elapsed_s: float
    reason: str


@dataclass(frozen=True, slots=True)
class Warmed:
    """A model server after its warm-up; `reason` is empty where every request was answered."""

    service: str
    elapsed_s: float
    shapes: tuple[Shape, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Warming:
    """The sequence over the models of one host. It takes no lock of the environment: it changes nothing there."""

    plan: Plan
    engine: ComposeEngine
    containers: Containers
    acts: Acts
    warmth: Warmth
    script: Path
    edge: ServingEdge | None
    prompts: Sequence[tuple[str, bytes]]
    """Path and body of each usual request."""
    cached: Callable[[], Collection[str]]
    progress: Progress
    clock: Clock

    def cold(self) -> tuple[str, ...]:
        """Return the model servers that run and were not warmed up since."""
        return self.warmth.cold(self._running())

    def when_ready(self, *, only_cold: bool) -> tuple[Warmed, ...]:
        """Wait until the models are healthy, each for its own budget, then warm them up.

        Raises ServiceFailedError with the evidence of what does not come up, having warmed the others.
        """
        wanted = [fact.service for fact in self._running()]
        every_s = budgets(self.plan.services, self.cached())
        behind = {s.name: [before.service for before in s.start.after] for s in self.plan.services}
        with self.warmth.alone():
            try:
                with self.progress.phase("wait"):
                    self.acts.settle({name: every_s[name] for name in wanted}, behind)
            except ToolkitError:
                with self.progress.phase("warm"):
                    self._models(only_cold=only_cold)
                raise
            with self.progress.phase("warm"):
                return self._models(only_cold=only_cold)

    def models(self, *, only_cold: bool) -> tuple[Warmed, ...]:
        """Warm up the models that are healthy, so many at once, in the order of their start.

        It waits for another warm-up that is at work: what that one has done is not done again.
        """
        with self.warmth.alone():
            return self._models(only_cold=only_cold)

    def _models(self, *, only_cold: bool) -> tuple[Warmed, ...]:
        ready = [fact for fact in self._running() if fact.healthy]
        names = self.warmth.cold(ready) if only_cold else [fact.service for fact in ready]
        facts = {fact.service: fact for fact in ready if fact.service in names}
        queue = [one for one in self.plan.warm_ups if one.service in facts]
        return tuple(self._side_by_side(queue, facts))

    def stores(self) -> tuple[Reached, ...]:
        """Reach each data store once."""
        healthy = {f.service for f in self.containers.of_project(self.plan.project) if f.healthy}
        return reach_stores(self.engine, sorted(healthy), self.clock)

    def usual(self) -> Primed | None:
        """Ask the usual prompts through the edge; None where there are none, or no way to it."""
        if not self.prompts or self.edge is None or not self.edge.url:
            return None
        keys = [key for key in self.edge.keys.all() if key.name != self.edge.own_key and key.kept]
        return prime(self.edge.endpoint, keys, self.prompts, self.clock)

    def _running(self) -> tuple[ContainerFact, ...]:
        models = {one.service for one in self.plan.warm_ups}
        seen = self.containers.of_project(self.plan.project)
        return tuple(fact for fact in seen if fact.service in models and fact.state == "running")

    def _side_by_side(self, queue: Sequence[Planned], facts: dict[str, ContainerFact]) -> list[Warmed]:
        waiting, found = list(queue), {}  # type: list[Planned], dict[str, Warmed]

        def work() -> None:
            while waiting:
                one = waiting.pop(0)
                found[one.service] = self._warm(one)
                if not found[one.service].reason:
                    self.warmth.note(facts[one.service])

        # Daemons: on Ctrl-C the command ends, and what was asked ends by its own budget.
        at_once = min(self.plan.warm_up_rules.at_once, len(queue))
        threads = [threading.Thread(target=work, daemon=True) for _ in range(at_once)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return [found[one.service] for one in queue]

    def _warm(self, one: Planned) -> Warmed:
        """Ask one server all shapes from inside its container."""
        began, shapes = self.clock.monotonic(), []  # type: float, list[Shape]

        def take(line: str) -> None:
            if line.startswith("{"):
                shapes.append(Shape(**json.loads(line)))
                self.progress.service(one.service, f"warming up: {shapes[-1].shape}")

        reason = self._ask(one, take) or next((shape.reason for shape in shapes if shape.failed), "")
        elapsed_s = round(self.clock.monotonic() - began, 3)
        self.progress.service(
            one.service, f"warm-up failed: {reason}" if reason else f"warm, {elapsed_s:.1f} s"
        )
        return Warmed(one.service, elapsed_s, tuple(shapes), reason)

    def _ask(self, one: Planned, take: Callable[[str], None]) -> str:
        budget_s = self.plan.warm_up_rules.budget_s
        order = {"model": one.served_name, "port": PORT, "pooling": one.pooling, "budget_s": budget_s}
        order |= {"context": one.context, "sequences": one.sequences}
        command = ("python3", "-", json.dumps(order))
        deadline = Deadline.after(budget_s + _AROUND_S, self.clock)
        try:
            text = self.script.read_text("utf-8")
            done = self.engine.exec(one.service, command, stdin=text, deadline=deadline, on_line=take)
        except ToolkitError as error:
            return error.problems[0].what
        return (
            "" if done.returncode in {0, 1} else (done.stderr.strip().splitlines() or ["it ended early"])[-1]
        )


@dataclass(frozen=True, slots=True)
class WarmUp:
    """The warm-up as a step of `up`; `warming` is None where the profile wants none.

    `in_background` starts one that outlives the run, for models that go on loading.
    """

    warming: Warming | None
    in_background: Callable[[], None]

    @property
    def wanted(self) -> bool:
        """Whether the profile wants any."""
        return self.warming is not None

    @property
    def prompted(self) -> bool:
        """Whether the profile has usual prompts."""
        return self.warming is not None and bool(self.warming.prompts)

    @property
    def due(self) -> bool:
        """Whether a model runs that was not warmed up since its start, whoever started it."""
        return self.warming is not None and bool(self.warming.cold())

    def models(self) -> tuple[Warmed, ...]:
        """Warm up what is cold."""
        return () if self.warming is None else self.warming.models(only_cold=True)

    def stores(self) -> tuple[Reached, ...]:
        """Reach the data stores."""
        return () if self.warming is None else self.warming.stores()

    def usual(self) -> Primed | None:
        """Ask the usual prompts, where no model is cold: they would wait for it."""
        return None if self.warming is None or self.due else self.warming.usual()

    def later(self) -> bool:
        """Have what is cold warmed up in the background; return whether that was needed."""
        if not self.due:
            return False
        self.in_background()
        return True
