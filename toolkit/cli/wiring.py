"""The composition root: what the verbs of one project share, made where it is first needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.clock import SYSTEM_CLOCK
from toolkit.resources import resource_dir

if TYPE_CHECKING:
    from toolkit.cli.options import Common
    from toolkit.cli.status import Row
    from toolkit.engine.compose import ComposeEngine
    from toolkit.engine.edge import EdgeAdmin
    from toolkit.engine.runner import Runner
    from toolkit.planning.choices import Machine
    from toolkit.planning.plan import Plan
    from toolkit.probes.containers import Containers
    from toolkit.probes.engine_api import SdkApi
    from toolkit.profile.load import LoadedProfile
    from toolkit.render.additions import Additions
    from toolkit.render.bundle import Bundle
    from toolkit.routines.acting import Acts
    from toolkit.routines.blockers import PortHolder
    from toolkit.routines.compare import ServiceDifference
    from toolkit.routines.deploy import Deploy
    from toolkit.routines.live_keys import LiveKeys
    from toolkit.routines.progress import Progress
    from toolkit.routines.serving_edge import ServingEdge
    from toolkit.routines.teardown import Teardown
    from toolkit.settings.root import Settings
    from toolkit.state.directory import StateDirectory


class Project:
    """One project directory with one environment of it, as the command line chose."""

    def __init__(self, common: Common) -> None:
        """Take what the command line says; `common.host` names one of the hosts where there are several."""
        self.common = common
        self.directory = common.project_dir.resolve()

    @cached_property
    def profile(self) -> LoadedProfile:
        """The merged and validated profile. Raises ProfileError."""
        from toolkit.profile.load import load_profile

        return load_profile(
            self.directory,
            environment=self.common.env,
            hardware=self.common.hardware,
            sets=self.common.sets or (),
            persona=self.common.persona,
            strict=self.common.strict,
            profiles_dir=resource_dir("profiles"),
        )

    @property
    def settings(self) -> Settings:
        """What people wrote."""
        return self.profile.settings

    @cached_property
    def whole_plan(self) -> Plan:
        """Everything decided, for all hosts. Raises UsageError."""
        from toolkit.planning.build import build_plan

        return build_plan(self.settings)

    @cached_property
    def plan(self) -> Plan:
        """What is decided for the one host that is worked on. Raises UsageError where it is not clear which."""
        from toolkit.planning.hosts import chosen_host

        return self.whole_plan.on_host(chosen_host(self.whole_plan, self.common.host))

    def parts(self) -> tuple[Project, ...]:
        """Return a project for each host: the one that the command line names, else all, in the profile's order."""
        from toolkit.planning.hosts import chosen_hosts

        hosts = chosen_hosts(self.whole_plan, self.common.host)
        return tuple(self._on_host(name) for name in hosts)

    def reached(self) -> tuple[Project, ...]:
        """Return a project for each host whose engine is worked with. Raises UsageError where it is not clear which."""
        from toolkit.planning.hosts import reached_hosts

        return tuple(self._on_host(name) for name in reached_hosts(self.whole_plan, self.common.host))

    def reached_with(self, services: Sequence[str]) -> tuple[tuple[Project, tuple[str, ...]], ...]:
        """Return each host that has some of `services`, with those; without any service, all hosts with ().

        Raises UsageError for an unknown service, proposing the nearest one.
        """
        parts = self.reached()
        names = self.known_services(services, [s.name for part in parts for s in part.plan.services])
        if not names:
            return tuple((part, ()) for part in parts)
        here = [(part, tuple(n for n in names if part.plan.service(n) is not None)) for part in parts]
        return tuple((part, found) for part, found in here if found)

    def _on_host(self, name: str) -> Project:
        part = Project(replace(self.common, host=name))
        part.__dict__.update(profile=self.profile, whole_plan=self.whole_plan, additions=self.additions)
        return part

    @cached_property
    def additions(self) -> Additions:
        """What the user adds to what is shipped; a stale copy is told. Raises ProfileError."""
        from toolkit.cli.writing import note
        from toolkit.profile.additions import load_additions

        loaded = load_additions(self.profile.merged, self.directory, shipped(), strict=self.settings.strict)
        for warning in loaded.warnings:
            note(self.common, "warning: " + warning.as_text())
        return loaded.additions

    @cached_property
    def bundle(self) -> Bundle:
        """Everything rendered."""
        from toolkit.render.render import render

        shipped_dirs = resource_dir("compose"), resource_dir("templates")
        return render(self.plan, *shipped_dirs, self.directory, self.additions)

    @property
    def render_root(self) -> Path:
        """Where the bundles of this environment are published: of one host, or a directory for each."""
        return self.directory / "build" / self.settings.environment

    @property
    def build_dir(self) -> Path:
        """Where the bundle of this host is published."""
        return self.render_root / self.plan.part

    @property
    def state(self) -> StateDirectory:
        """Where this environment keeps its secrets, keys and lock."""
        from toolkit.state.directory import StateDirectory

        return StateDirectory(self.directory, self.settings.environment)

    @contextmanager
    def lock(self, verb: str) -> Iterator[StateDirectory]:
        """Hold this environment's lock for `verb`. Raises LockHeldError, which names the holder."""
        from toolkit.state.lock import locked

        state = self.state.ensure()
        with locked(state.lock, verb):
            yield state

    @property
    def project_name(self) -> str:
        """The name of the Compose project."""
        return self.plan.project

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

    @property
    def engine_url(self) -> str:
        """How the engine of this host is reached; empty for the one that docker talks to anyway."""
        return self.plan.hosts[0].engine

    @cached_property
    def engine(self) -> ComposeEngine:
        """Acts on this project's containers."""
        from toolkit.engine.compose import ComposeEngine

        return ComposeEngine(self.runner, self.plan.project, self.build_dir)

    @cached_property
    def containers(self) -> Containers:
        """Looks at this project's containers."""
        from toolkit.probes.containers import Containers

        return Containers(_engine_api(self.engine_url))

    def initialised(self) -> Project:
        """Write toolkit.yaml first, as `toolkit init` does, where there is none; return self."""
        from toolkit.profile.names import USER_FILE
        from toolkit.routines.init import write_profile

        if not (self.directory / USER_FILE).exists():
            path = write_profile(self.directory, first_profile(self.common), replace=False)
            self.progress.note(f"no {USER_FILE} here: looked at this machine and wrote {path}")
        return self

    def deploy(self) -> Deploy:
        """The sequence of `up`."""
        from toolkit.routines.deploy import Deploy

        return Deploy(
            plan=self.plan,
            bundle=self.bundle,
            build_dir=self.build_dir,
            state=self.state,
            containers=self.containers,
            acts=self._acts(),
            edge=self._edge(),
            port_holder=_port_holder(self.containers, self.engine.container("edge")),
            progress=self.progress,
            clock=SYSTEM_CLOCK,
        )

    def teardown(self) -> Teardown:
        """The sequences of `down` and `restart`."""
        from toolkit.routines.teardown import Teardown

        return Teardown(
            self.plan.project,
            self.build_dir,
            self.engine,
            self.containers,
            self._acts(),
            self.progress,
            self.ensure_published,
        )

    def keys(self) -> LiveKeys:
        """The API keys, in the state and in the running edge."""
        from toolkit.routines.live_keys import LiveKeys
        from toolkit.state.keys import Keys

        return LiveKeys(
            Keys(self.state.ensure()), self._edge_admin(), self.containers, self.plan.project, SYSTEM_CLOCK
        )

    def look(self) -> tuple[Row, ...]:
        """Every service as it is, beside what `up` would do to it."""
        from toolkit.cli.status import rows_of

        seen = self.containers.of_project(self.plan.project)
        return rows_of(self.plan, seen, self.deploy().actions(seen))

    def differences(self) -> tuple[ServiceDifference, ...]:
        """What differs between what runs on this host and what would be rendered."""
        from toolkit.routines.compare import against_running, reloads

        seen = self.containers.of_project(self.plan.project)
        found = against_running(self.deploy().actions(seen), seen, self.bundle, self.build_dir)
        edge = self._edge()
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

    def ensure_published(self) -> None:
        """Compose works by its file, and build/ is disposable: write it where it is gone, and only there."""
        from toolkit.publish import publish
        from toolkit.render.render import COMPOSE_FILE

        if not (self.build_dir / COMPOSE_FILE).exists():
            publish(self.bundle, self.build_dir)

    def known_services(self, names: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
        """Return `names`, each one of `known`. Raises UsageError that proposes the nearest one."""
        from difflib import get_close_matches

        from toolkit.errors import Problem, UsageError

        for name in names:
            if name not in known:
                near = get_close_matches(name, known, 1)
                hint = f"did you mean `{near[0]}`? " if near else ""
                raise UsageError(
                    Problem("SERVICES", f"no service `{name}`", "", f"{hint}known: {', '.join(known)}")
                )
        return tuple(names)

    def _acts(self) -> Acts:
        from toolkit.probes.events import Events
        from toolkit.routines.acting import Acts

        return Acts(
            runner=self.runner,
            engine=self.engine,
            containers=self.containers,
            events=Events(_engine_api(self.engine_url), self.plan.project),
            compose_dir=resource_dir("compose"),
            project_dir=self.directory,
            clock=SYSTEM_CLOCK,
            progress=self.progress,
        )

    def _edge_admin(self) -> EdgeAdmin:
        from toolkit.engine.edge import EdgeAdmin

        return EdgeAdmin(self.runner, self.engine.container("edge"))

    def _edge(self) -> ServingEdge | None:
        from toolkit.routines.prepare import OWN_KEY
        from toolkit.routines.prove import edge_url
        from toolkit.routines.serving_edge import ServingEdge
        from toolkit.state.keys import Keys

        service = self.plan.service("edge")
        if service is None:
            return None
        return ServingEdge(
            edge_url(service),
            self._edge_admin(),
            Keys(self.state),
            OWN_KEY,
            lambda: self.teardown().restart(["edge"]),
            SYSTEM_CLOCK,
        )


@cache
def _engine_api(url: str) -> SdkApi:
    from toolkit.probes.engine_api import SdkApi
    from toolkit.probes.engine_host import engine_host

    return SdkApi(url or engine_host())


def _port_holder(containers: Containers, own: str) -> PortHolder:
    def holder(address: str, port: int) -> str | None:
        from toolkit.probes.host import port_listener

        container = containers.port_owner(port)
        if container is not None:
            return None if container == own else f"container {container}"
        listener = port_listener(address, port)
        return None if listener is None else listener.as_text()

    return holder


def shipped() -> dict[str, Path]:
    """Return the shipped files that a user may replace, by their names in `overrides:`."""
    from toolkit.profile.shipped import shipped_files

    return shipped_files(resource_dir("templates"), resource_dir("compose"))


def first_profile(common: Common) -> str:
    """Return the text of toolkit.yaml for this machine, with what the command line chooses for good."""
    from toolkit.routines.init import profile_text

    environment = common.env or "development"
    return profile_text(machine(), environment, common.hardware, common.persona, strict=common.strict)


def machine() -> Machine:
    """Look at this machine, as `init` needs it. Raises EngineError when no engine answers."""
    from toolkit.engine.runner import SubprocessRunner
    from toolkit.routines.machine import look_at_machine

    return look_at_machine(SubprocessRunner())
