"""`up`: publish, prepare, act where something differs, wait until it is healthy, prove that it serves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.publish import publish
from toolkit.render.remembered import remember
from toolkit.routines.prepare import key_names, prepare_state
from toolkit.routines.result import UpResult, still_loading
from toolkit.state.tls import tls_digest

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from toolkit.facts import ContainerFact
    from toolkit.planning.plan import Plan
    from toolkit.planning.reconcile import Action
    from toolkit.probes.containers import Containers
    from toolkit.render.bundle import Bundle
    from toolkit.routines.ahead import Ahead
    from toolkit.routines.bringing import Bringing
    from toolkit.routines.migrate import IndexResult, Migration
    from toolkit.routines.phases import Phases
    from toolkit.routines.priming import Primed, Reached
    from toolkit.routines.progress import Progress
    from toolkit.routines.serving_edge import ServingEdge
    from toolkit.routines.warm import Warmed, WarmUp
    from toolkit.state.directory import StateDirectory
    from toolkit.state.remembered import Memory


@dataclass(slots=True)
class Deploy:
    """The sequence, over doors that the composition root opens."""

    plan: Plan
    bundle: Bundle
    build_dir: Path
    state: StateDirectory
    containers: Containers
    ahead: Ahead
    bringing: Bringing
    edge: ServingEdge | None
    memory: Memory
    migration: Migration
    warm_up: WarmUp
    phases: Phases
    before: Callable[[tuple[Action, ...], tuple[ContainerFact, ...]], None] = lambda *_: None
    """Called with what will be done to which containers, before anything is written or touched."""

    @property
    def progress(self) -> Progress:
        """Where it tells what it is doing."""
        return self.phases.progress

    def check(self) -> None:
        """Raise BlockedError with all that stands in the way, EngineError where the engine is away."""
        self.ahead.check()

    def up(self, *, wait_for_models: bool | None) -> UpResult:
        """Bring the environment up; the caller holds its lock. Raises ToolkitError.

        None for `wait_for_models` is what the environment has for a default. A preflight is made only where something
        has to be done, and before it: None makes none.
        """
        self.memory.forget()
        if wait_for_models is None:
            wait_for_models = self.plan.wait_for_models
        with self.phases.phase("look"):
            due = self.ahead.look()
        self.ahead.refuse(due)
        seen, actions = due.seen, due.actions
        self.before(actions, seen)
        with self.phases.phase("publish"):
            written = tuple(d.path for d in publish(self.bundle, self.build_dir))
            new_keys = prepare_state(self.state, self.plan)
        self.bringing.bring(actions, seen)
        awaited = [n for n in self._awaited if wait_for_models or n not in self._model_services]
        # Looking again costs more than all the rest of an unchanged `up`: only where something may have changed.
        if actions or not all(_is_healthy(name, seen) for name in awaited):
            with self.phases.phase("wait"):
                self.bringing.wait(awaited)
            seen = self.containers.of_project(self.plan.project)
        warmed: tuple[Warmed, ...] = ()
        if wait_for_models and self.warm_up.due:
            with self.phases.phase("warm"):
                warmed = self.warm_up.models()
        stores: tuple[Reached, ...] = ()
        if actions and self.warm_up.wanted:
            with self.phases.phase("reach"):
                stores = self.warm_up.stores()
        indexes = self._migrated(changed=bool(actions))
        with self.phases.phase("edge"):
            reloaded = self.edge is not None and self.edge.take_up(self.bundle.reload_digests["edge"])
        # Last, what asks as users do: what is done after it takes the processors' caches from the first of them.
        with self.phases.phase("prove"):
            proven = self.edge.prove(self.plan.models) if wait_for_models and self.edge is not None else {}
        primed: Primed | None = None
        if actions and self.warm_up.prompted:
            with self.phases.phase("prime"):
                primed = self.warm_up.usual()
        states = {fact.service: fact.health or fact.state for fact in seen}
        url = None if self.edge is None else self.edge.url
        self._remember(url)
        return UpResult(
            environment=self.plan.environment,
            host=self.plan.part,
            project=self.plan.project,
            services=tuple(service.name for service in self.plan.services),
            models=tuple(model.served_name for model in self.plan.models),
            actions=actions,
            written=written,
            reloaded=reloaded,
            states=states,
            completions=proven,
            new_keys=new_keys,
            phases_s=self.phases.taken_s,
            pending_models=still_loading(self._model_services, states),
            endpoint=url,
            indexes=indexes,
            warmed=warmed,
            stores=stores,
            primed=primed,
            warming=not wait_for_models and self.warm_up.later(),
        )

    def _migrated(self, *, changed: bool) -> tuple[IndexResult, ...]:
        """Only where containers or the profile's indexes changed: an unchanged `up` asks no database."""
        if not self.migration.services or not (changed or self.migration.due):
            return ()
        with self.phases.phase("indexes"):
            return self.migration.run()

    def start(self, names: Collection[str]) -> dict[str, str]:
        """Start the services `names`, on demand or stopped before, and nothing else; return their states.

        Returns when those with a health check are healthy; the caller holds the lock. Raises ToolkitError: where a
        service that runs has the card of one of them, before anything is touched.
        """
        with self.phases.phase("look"):
            due = self.ahead.look(names)
        self.ahead.refuse(due)
        with self.phases.phase("publish"):
            publish(self.bundle, self.build_dir)
            prepare_state(self.state, self.plan)
        self.bringing.bring(due.actions)
        if due.actions:
            awaited = [s.name for s in self.plan.services if s.name in names and s.awaited]
            with self.phases.phase("wait"):
                self.bringing.wait(awaited)
        seen = self.containers.of_project(self.plan.project)
        return {fact.service: fact.health or fact.state for fact in seen if fact.service in names}

    def _remember(self, edge_url: str | None) -> None:
        keys, sources = key_names(self.plan), self.memory.sources
        certificate = "" if self.plan.tls is None else tls_digest(self.state)
        plan = remember(
            self.plan,
            self.bundle,
            str(self.build_dir),
            keys=keys,
            sources=sources,
            edge_url=edge_url,
            tls_digest=certificate,
        )
        self.memory.keep(plan)

    @property
    def _awaited(self) -> tuple[str, ...]:
        return tuple(service.name for service in self.plan.started if service.awaited)

    @property
    def _model_services(self) -> tuple[str, ...]:
        """The model servers of this host."""
        named = (service for model in self.plan.models for service in model.services)
        return tuple(name for name in named if self.plan.service(name) is not None)


def _is_healthy(service: str, seen: Collection[ContainerFact]) -> bool:
    own = [fact for fact in seen if fact.service == service]
    return bool(own) and all(fact.healthy for fact in own)
