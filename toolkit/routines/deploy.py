"""`up`: publish, prepare, act where something differs, wait until it is healthy, prove that it serves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from toolkit.errors import BlockedError
from toolkit.planning.reconcile import Action, reconcile
from toolkit.planning.rolling import turns
from toolkit.planning.stages import needs, stages
from toolkit.planning.start import budgets
from toolkit.publish import publish
from toolkit.render.bundle import HASH_LABEL
from toolkit.render.remembered import remember, wanted_of
from toolkit.routines.blockers import (
    card_problems,
    copy_problems,
    edge_problems,
    foreign_problems,
    secret_problems,
)
from toolkit.routines.preflight import blockers
from toolkit.routines.prepare import key_names, missing_sources, prepare_state
from toolkit.routines.result import UpResult, still_loading
from toolkit.state.secrets import existing
from toolkit.state.tls import tls_digest, tls_problems

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from toolkit.clock import Clock
    from toolkit.errors import Problem
    from toolkit.facts import ContainerFact
    from toolkit.planning.plan import Plan, ServicePlan
    from toolkit.probes.containers import Containers
    from toolkit.render.bundle import Bundle
    from toolkit.report import Report
    from toolkit.routines.acting import Acts
    from toolkit.routines.deliver import Delivery
    from toolkit.routines.migrate import IndexResult, Migration
    from toolkit.routines.priming import Primed, Reached
    from toolkit.routines.progress import Progress
    from toolkit.routines.rolling import Rolling
    from toolkit.routines.serving_edge import ServingEdge
    from toolkit.routines.warm import Warmed, WarmUp
    from toolkit.state.directory import StateDirectory
    from toolkit.state.remembered import Memory

# Actions after which a service runs that did not before.
_STARTING = frozenset({"create", "start"})


@dataclass(slots=True)
class Deploy:
    """The sequence, over doors that the composition root opens."""

    plan: Plan
    bundle: Bundle
    build_dir: Path
    state: StateDirectory
    containers: Containers
    acts: Acts
    edge: ServingEdge | None
    memory: Memory
    preflight: Callable[[Collection[str]], Report] | None
    """What stands in the way of services by name; None where nobody shall look."""
    delivery: Delivery | None
    """The way to the engine's machine; None where that is this one."""
    made_here: frozenset[str]
    """What secrets of this host may be copies of, without that anybody brings a file: it comes into being here."""
    migration: Migration
    cached: Callable[[], Collection[str]]
    """The services whose weights need not be fetched, as far as can be seen."""
    warm_up: WarmUp
    progress: Progress
    clock: Clock
    phases_s: dict[str, float] = field(default_factory=dict)
    before: Callable[[tuple[Action, ...], tuple[ContainerFact, ...]], None] = lambda *_: None
    """Called with what will be done to which containers, before anything is written or touched."""
    touched: bool = False
    """Whether the engine was told to change anything."""
    rolling: Rolling | None = None
    """How a server is replaced while an equal one serves; None where all are replaced at once."""

    def up(self, *, wait_for_models: bool | None) -> UpResult:
        """Bring the environment up; the caller holds its lock. Raises ToolkitError.

        None for `wait_for_models` is what the environment has for a default. A preflight is made only where something
        has to be done, and before it: None makes none.
        """
        self.memory.forget()
        if wait_for_models is None:
            wait_for_models = self.plan.wait_for_models
        with self._phase("look"):
            seen, actions, problems = self._look()
        self._refuse(actions, problems)
        self.before(actions, seen)
        with self._phase("publish"):
            written = tuple(d.path for d in publish(self.bundle, self.build_dir))
            new_keys = prepare_state(self.state, self.plan)
        self._bring(actions, seen)
        awaited = [n for n in self._awaited if wait_for_models or n not in self._model_services]
        # Looking again costs more than all the rest of an unchanged `up`: only where something may have changed.
        if actions or not all(_is_healthy(name, seen) for name in awaited):
            with self._phase("wait"):
                self._wait(awaited)
            seen = self.containers.of_project(self.plan.project)
        warmed: tuple[Warmed, ...] = ()
        if wait_for_models and self.warm_up.due:
            with self._phase("warm"):
                warmed = self.warm_up.models()
        indexes = self._migrated(changed=bool(actions))
        with self._phase("edge"):
            reloaded = self.edge is not None and self.edge.take_up(self.bundle.reload_digests["edge"])
        with self._phase("prove"):
            proven = self.edge.prove(self.plan.models) if wait_for_models and self.edge is not None else {}
        stores: tuple[Reached, ...] = ()
        primed: Primed | None = None
        if actions and self.warm_up.wanted:
            with self._phase("prime"):
                stores, primed = self.warm_up.around()
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
            phases_s=self.phases_s,
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
        with self._phase("indexes"):
            return self.migration.run()

    def start(self, names: Collection[str]) -> dict[str, str]:
        """Start the services `names`, on demand or stopped before, and nothing else; return their states.

        Returns when those with a health check are healthy; the caller holds the lock. Raises ToolkitError: where a
        service that runs has the card of one of them, before anything is touched.
        """
        with self._phase("look"):
            _, actions, problems = self._look(names)
        self._refuse(actions, problems)
        with self._phase("publish"):
            publish(self.bundle, self.build_dir)
            prepare_state(self.state, self.plan)
        self._bring(actions)
        if actions:
            awaited = [s.name for s in self.plan.services if s.name in names and s.awaited]
            with self._phase("wait"):
                self._wait(awaited)
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

    def actions(self, seen: tuple[ContainerFact, ...], named: Collection[str] = ()) -> tuple[Action, ...]:
        """Return what has to be done to the containers `seen`; nothing is touched.

        With services `named` only what those need to run, on demand or not.
        """
        ids = self.containers.image_ids(service.image for service in self.plan.services)
        wanted = wanted_of(self.plan, self.bundle)
        if named:
            wanted = tuple(replace(one, on_demand=False) for one in wanted if one.service in named)
            seen = tuple(fact for fact in seen if fact.service in named)
        return reconcile(wanted, seen, {ref: i for ref, i in ids.items() if i}, HASH_LABEL)

    def check(self) -> None:
        """Raise BlockedError with all that stands in the way, EngineError where the engine is away."""
        _, actions, problems = self._look()
        self._refuse(actions, problems)

    def _refuse(self, actions: tuple[Action, ...], problems: tuple[Problem, ...]) -> None:
        if actions and self.preflight is not None:
            planned = [service.name for service in self._planned(actions)]
            with self._phase("preflight"):
                problems += blockers(self.preflight(planned), self.progress.note)
            # Where all hosts were looked at before one is touched, it has been made.
            self.preflight = None
        if problems:
            raise BlockedError(*problems)

    def _look(
        self, named: Collection[str] = ()
    ) -> tuple[tuple[ContainerFact, ...], tuple[Action, ...], tuple[Problem, ...]]:
        """Compare what runs with what shall run; find what stands in the way whether anything is to be done or not."""
        seen = self.containers.of_project(self.plan.project)
        problems = foreign_problems(seen, self.build_dir) or self._lost_secrets()
        problems += copy_problems(self.plan, missing_sources(self.state, self.plan, self.made_here))
        problems += () if self.edge is None else edge_problems(self.plan, self.edge.url)
        problems += tls_problems(self.state, self.plan.tls)
        actions = self.actions(seen, named)
        starting = {action.service for action in actions if action.kind in _STARTING}
        running = {fact.service for fact in seen if fact.state == "running"}
        return seen, actions, problems + card_problems(self.plan, starting, running)

    def _lost_secrets(self) -> tuple[Problem, ...]:
        """Secrets that are gone while their volume is not: also a stack that runs would fail at its next start."""
        names = [secret.name for secret in self.plan.secrets]
        present = existing(self.state.secrets, names)
        if len(present) == len(names):
            return ()
        return secret_problems(self.plan, present, self.containers.volume_names(self.plan.project))

    def _planned(self, actions: tuple[Action, ...]) -> list[ServicePlan]:
        names = {action.service for action in actions if action.kind != "remove"}
        return [service for service in self.plan.services if service.name in names]

    def _bring(self, actions: tuple[Action, ...], seen: tuple[ContainerFact, ...] = ()) -> None:
        """Have images and files where the engine is, then act."""
        if actions:
            with self._phase("images"):
                self.acts.provide(self.plan, self._planned(actions))
        if self.delivery is not None:
            with self._phase("deliver"):
                self.delivery.bring()
        if actions:
            self._act(actions, seen)

    def _act(self, actions: tuple[Action, ...], seen: tuple[ContainerFact, ...]) -> None:
        for action in actions:
            self.progress.service(action.service, f"{action.kind}: {action.cause}")
        in_turn = turns(self.plan, actions, seen) if self.rolling is not None else ()
        self.touched = True
        if self.rolling is not None and in_turn:
            with self._phase("roll"):
                self.rolling.replace(in_turn, self._serving)
        replaced = {turn.service for turn in in_turn}
        rest = tuple(action for action in actions if action.service not in replaced)
        if rest:
            self._apply(rest)

    def _serving(self, names: Collection[str]) -> None:
        """Wait for model servers, and have them warm before users meet them."""
        self._wait(names)
        if self.warm_up.due:
            self.warm_up.models()

    def _apply(self, actions: tuple[Action, ...]) -> None:
        first, held = stages(self.plan, actions)
        with self._phase("engine"):
            self.acts.own_volumes(self.plan, self._planned(actions))
            self.acts.apply(first)
        if not held:
            return
        needed = {name for action in held for name in needs(self.plan, action)}
        with self._phase("wait"):
            self._wait([action.service for action in first if action.service in needed])
        with self._phase("engine"):
            self.acts.apply(held)

    def _wait(self, names: Collection[str]) -> None:
        """Wait for services, each for its own budget, which counts whether its weights have to be fetched."""
        every_s = budgets(self.plan.services, self.cached())
        behind = {s.name: [before.service for before in s.start.after] for s in self.plan.services}
        self.acts.settle({name: every_s[name] for name in names}, behind)

    @contextmanager
    def _phase(self, title: str) -> Iterator[None]:
        began = self.clock.monotonic()
        with self.progress.phase(title):
            yield
        taken_s = self.clock.monotonic() - began
        self.phases_s[title] = round(self.phases_s.get(title, 0.0) + taken_s, 3)


def _is_healthy(service: str, seen: Collection[ContainerFact]) -> bool:
    own = [fact for fact in seen if fact.service == service]
    return bool(own) and all(fact.healthy for fact in own)
