"""Watches the containers of a project through the engine's events, and waits on them until they are ready."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from toolkit.facts import REMOVED, ContainerFact, Failure, Outcome, failure_of
from toolkit.probes.containers import PROJECT_LABEL, Containers
from toolkit.values import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from toolkit.clock import Deadline
    from toolkit.probes.engine_api import EngineApi

_KINDS = ["create", "start", "die", "oom", "health_status", "pause", "unpause", "destroy"]


class Events:
    """The changes of one project's containers; nothing is polled."""

    def __init__(self, api: EngineApi, project: str) -> None:
        self._api = api
        self._containers = Containers(api)
        self._project = project

    @contextmanager
    def watch(self, deadline: Deadline) -> Iterator[Iterator[tuple[ContainerFact, ...]]]:
        """Give all containers as they are, then each one anew whenever it changes, until `deadline`.

        The engine is asked for its events before it is asked for the state, so that no change falls between.
        What only an event tells is kept in the facts: the exit code of an end, the memory kill of a child.
        Raises EngineError when the engine goes away.
        """
        filters = {"type": ["container"], "event": _KINDS, "label": [f"{PROJECT_LABEL}={self._project}"]}
        with self._api.events(filters, deadline) as events:
            yield self._batches(events)

    def wait_until(
        self,
        services: Collection[str],
        deadline: Deadline,
        *,
        ready: Callable[[ContainerFact], bool] = lambda fact: fact.healthy,
        on_change: Callable[[ContainerFact], None] = lambda _: None,
    ) -> Outcome:
        """Wait until all containers of all `services` are ready, or one fails, or `deadline` passes.

        Call it once the containers were started: an end or a removal seen by it is a failure. `on_change`
        gets each fact about these services as it is learned. Raises EngineError when the engine goes away.
        """
        seen = _Seen(tuple(services), ready)
        with self.watch(deadline) as batches:
            for batch in batches:
                for fact in batch:
                    if fact.service in seen.services:
                        seen.note(fact)
                        on_change(fact)
                outcome = seen.outcome()
                if outcome.ok or outcome.failures:
                    break
        return seen.outcome()

    def _batches(self, events: Iterator[Any]) -> Iterator[tuple[ContainerFact, ...]]:
        known = {fact.container_id: fact for fact in self._containers.of_project(self._project)}
        yield tuple(known.values())
        for event in events:
            before = known.get(event["Actor"]["ID"])
            fact = self._after(event, before)
            if fact is not None and fact != before:
                known[fact.container_id] = fact
                yield (fact,)

    def _after(self, event: Any, before: ContainerFact | None) -> ContainerFact | None:
        """Return the container as it is now, with what only this event or an earlier one told."""
        now = self._containers.inspect(event["Actor"]["ID"])
        if now is None:
            return before and replace(before, state=REMOVED)
        oom = event["Action"] == "oom" or (before is not None and before.oom_killed)
        exit_code = now.exit_code or (before.exit_code if before else 0)
        if event["Action"] == "die":
            exit_code = int(event["Actor"]["Attributes"].get("exitCode", exit_code))
        return replace(now, exit_code=exit_code, oom_killed=now.oom_killed or oom)


class _Seen:
    """The containers of the awaited services, and what they mean together."""

    def __init__(self, services: tuple[str, ...], ready: Callable[[ContainerFact], bool]) -> None:
        self.services = services
        self._ready = ready
        self._facts: dict[str, ContainerFact] = {}
        self._restarts: dict[str, int] = {}

    def note(self, fact: ContainerFact) -> None:
        """Keep the fact; one of a removed container only while no other stands for its service."""
        self._facts[fact.container_id] = fact
        self._restarts.setdefault(fact.container_id, fact.restart_count)
        same = [one for one in self._facts.values() if one.service == fact.service]
        if any(one.state != REMOVED for one in same):
            for one in same:
                if one.state == REMOVED:
                    del self._facts[one.container_id]

    def outcome(self) -> Outcome:
        """Return what is ready, failed and on its way by now."""
        facts = tuple(self._facts.values())
        waiting = [fact for fact in facts if not self._ready(fact)]
        judged = ((fact, failure_of(fact, self._restarts[fact.container_id])) for fact in waiting)
        failures = tuple(Failure(fact, why) for fact, why in judged if why)
        done = {fact.service for fact in facts} - {fact.service for fact in waiting}
        return Outcome(facts, failures, tuple(name for name in self.services if name not in done))
