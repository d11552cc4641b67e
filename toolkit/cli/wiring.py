"""The composition root: what the verbs of one project share, made where it is first needed."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from typing import TYPE_CHECKING

from toolkit.cli.decided import Decided
from toolkit.clock import SYSTEM_CLOCK
from toolkit.resources import resource_dir
from toolkit.values import replace

if TYPE_CHECKING:
    from toolkit.checking import Suite
    from toolkit.cli.status import Row
    from toolkit.engine.compose import ComposeEngine
    from toolkit.engine.edge import EdgeAdmin
    from toolkit.engine.runner import Runner
    from toolkit.facts import ContainerFact
    from toolkit.planning.reconcile import Action
    from toolkit.probes.containers import Containers
    from toolkit.report import Report
    from toolkit.routines.acting import Acts
    from toolkit.routines.compare import ServiceDifference
    from toolkit.routines.deliver import Delivery
    from toolkit.routines.deploy import Deploy
    from toolkit.routines.index_care import IndexCare
    from toolkit.routines.live_keys import LiveKeys
    from toolkit.routines.migrate import Migration
    from toolkit.routines.progress import Progress
    from toolkit.routines.result import UpResult
    from toolkit.routines.serving_edge import ServingEdge
    from toolkit.routines.teardown import Teardown


class Project(Decided):
    """The doors and sequences over what is decided: the only place where they are put together."""

    @cached_property
    def progress(self) -> Progress:
        """Where routines tell what they are doing."""
        from toolkit.cli.progress import progress_for

        return progress_for(self.common)

    @cached_property
    def runner(self) -> Runner:
        """The door to other programs."""
        from toolkit.engine.runner import SubprocessRunner

        return SubprocessRunner(env={"DOCKER_HOST": self.engine_url} if self.engine_url else {})

    @cached_property
    def engine(self) -> ComposeEngine:
        """Acts on this project's containers."""
        from toolkit.engine.compose import ComposeEngine

        return ComposeEngine(self.runner, self.plan.project, self.build_dir)

    @cached_property
    def containers(self) -> Containers:
        """Looks at this project's containers."""
        from toolkit.cli.engines import engine_api
        from toolkit.probes.containers import Containers

        return Containers(engine_api(self.engine_url))

    def initialised(self) -> Project:
        """Write toolkit.yaml first, as `toolkit init` does, where there is none; return self."""
        from toolkit.cli.initialising import initialise

        initialise(self.directory, self.common, self.progress)
        return self

    def unchanged_up(self, wait_for_models: bool | None) -> tuple[UpResult, ...]:
        """Return the result of an `up` that finds nothing to do, none where the long way has to be gone."""
        if not self.remembering.helps:
            return ()
        with self.lock("up") as state:
            return self.remembering.up(state, wait_for_models)

    def up(
        self, wait_for_models: bool | None, *, preflight: bool = True, automatic: bool = True
    ) -> tuple[UpResult, ...]:
        """Bring up every host that is reached; None for `wait_for_models` is what the environment has for a default.

        With `automatic` a host where the new release fails goes back to its former one.
        """
        from toolkit.cli.releasing import releasing
        from toolkit.planning.hosts import start_order
        from toolkit.routines.across import up_across
        from toolkit.routines.prepare import prepare_state

        parts = {part.plan.hosts[0].name: part for part in self.reached()}
        with self.lock("up") as state:
            if len(parts) == 1:
                (part,) = parts.values()
                one = releasing(part, preflight=preflight, automatic=automatic)
                return (one.up(wait_for_models=wait_for_models),)
            made = self.whole_plan.made
            return up_across(
                {
                    name: releasing(parts[name], made, preflight=preflight, automatic=automatic)
                    for name in start_order(self.whole_plan)
                },
                lambda: prepare_state(state, self.whole_plan),
                wait_for_models=wait_for_models,
            )

    def examine(self, suite: Suite, services: Collection[str] | None = None) -> Report:
        """Look at this host and judge what is seen; what could not be seen is in the report.

        With `services` as if the plan had no others on it.
        """
        from toolkit.cli.looking import examine

        return examine(self, suite, services)

    def deploy(self, made: frozenset[str] | None = None, *, preflight: bool = True) -> Deploy:
        """The sequence of `up`, with the preflight or without.

        `made` is what copies of secrets can be made of, by default what this host makes.
        """
        from toolkit.cli.deploying import deploy_of

        return deploy_of(self, made, preflight=preflight)

    def actions(self, seen: tuple[ContainerFact, ...]) -> tuple[Action, ...]:
        """What `up` would do to the containers `seen` of this host."""
        from toolkit.cli.deploying import ahead_of

        return ahead_of(self, self.edge(), preflight=False).actions(seen)

    def migration(self) -> Migration:
        """The sequence of `migrate`, which is a step of `up`, too."""
        from toolkit.routines.migrate import Migration

        return Migration(self.plan, self.engine, self.state, self.progress, SYSTEM_CLOCK)

    def index_care(self) -> IndexCare:
        """Looks at how indexes are used."""
        from toolkit.routines.index_care import IndexCare

        return IndexCare(self.plan, self.engine, SYSTEM_CLOCK)

    def teardown(self) -> Teardown:
        """The sequences of `down` and `restart`."""
        from toolkit.routines.teardown import Teardown

        return Teardown(
            self.plan.project,
            self.build_dir,
            self.engine,
            self.containers,
            self.acts(),
            self.progress,
            self.ensure_published,
        )

    def keys(self) -> LiveKeys:
        """The API keys, in the state and in the running edge."""
        from toolkit.routines.live_keys import LiveKeys
        from toolkit.state.keys import Keys

        part = self._beside_the_edge()
        return LiveKeys(
            Keys(self.state.ensure()),
            part._edge_admin(),  # noqa: SLF001 - one of us
            part.containers,
            part.plan.project,
            SYSTEM_CLOCK,
            part.delivery(),
        )

    def _beside_the_edge(self) -> Project:
        """This project on the host that has the edge, where that one's engine is reached anyway."""
        edge = self.whole_plan.service("edge")
        several = self.common.host is None and len(self.whole_plan.hosts) > 1
        near = next((h for h in self.whole_plan.hosts if edge is not None and h.name == edge.host), None)
        return self.on_host(near.name) if several and near is not None and near.engine else self

    def look(self) -> tuple[Row, ...]:
        """Every service as it is, beside what `up` would do to it."""
        from toolkit.cli.status import rows_of
        from toolkit.cli.warm_parts import warmth_of

        seen = self.containers.of_project(self.plan.project)
        return rows_of(self.plan, seen, self.actions(seen), warmth_of(self, seen))

    def differences(self) -> tuple[ServiceDifference, ...]:
        """What differs between what runs on this host and what would be rendered."""
        from toolkit.routines.compare import against_running, reloads

        seen = self.containers.of_project(self.plan.project)
        found = against_running(self.actions(seen), seen, self.bundle, self.build_dir)
        edge = self.edge()
        runs = any(fact.service == "edge" and fact.state == "running" for fact in seen)
        loaded = {"edge": edge.loaded()} if edge is not None and runs else {}
        acted = {one.service for one in found}
        return (
            *found,
            *(one for one in reloads(self.bundle, self.build_dir, loaded) if one.service not in acted),
        )

    def differences_to(self, environment: str) -> tuple[ServiceDifference, ...]:
        """What differs between this environment and another one, both as rendered, on this host."""
        from toolkit.routines.compare import between

        other = Project(replace(self.common, env=environment))
        return between(self.bundle, other.bundle, (self.plan.environment, other.plan.environment))

    def acts(self) -> Acts:
        """What a routine does to the engine."""
        from toolkit.cli.engines import engine_api
        from toolkit.probes.events import Events
        from toolkit.routines.acting import Acts

        return Acts(
            runner=self.runner,
            engine=self.engine,
            containers=self.containers,
            events=Events(engine_api(self.engine_url), self.plan.project),
            compose_dir=resource_dir("compose"),
            project_dir=self.directory,
            clock=SYSTEM_CLOCK,
            progress=self.progress,
        )

    def delivery(self) -> Delivery | None:
        """The way to the engine's machine, None where that is this one."""
        from toolkit.routines.deliver import Delivery

        if not self.far:
            return None
        return Delivery(self.engine, self.plan, self.bundle, self.build_dir, self.state)

    def _edge_admin(self) -> EdgeAdmin:
        from toolkit.engine.edge import EdgeAdmin

        return EdgeAdmin(self.runner, self.engine.container("edge"))

    def edge(self) -> ServingEdge | None:
        """The running edge of this host, None where it has none."""
        from toolkit.routines.prepare import OWN_KEY
        from toolkit.routines.prove import edge_url
        from toolkit.routines.serving_edge import ServingEdge
        from toolkit.state.keys import Keys

        service = self.plan.service("edge")
        if service is None:
            return None
        return ServingEdge(
            edge_url(service, self.plan.hosts[0]),
            self._edge_admin(),
            Keys(self.state),
            OWN_KEY,
            lambda: self.teardown().restart(["edge"]),
            SYSTEM_CLOCK,
            self.edge_trust,
        )
