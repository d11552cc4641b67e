"""What the command line, the profile and the state decide of one project, made where it is first needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from toolkit.resources import resource_dir
from toolkit.values import replace

if TYPE_CHECKING:
    from toolkit.cli.options import Common
    from toolkit.cli.remembering import Remembering
    from toolkit.planning.plan import Plan
    from toolkit.profile.additions import LoadedAdditions
    from toolkit.profile.load import LoadedProfile
    from toolkit.publish import Difference
    from toolkit.render.bundle import Bundle
    from toolkit.settings.root import Settings
    from toolkit.state.directory import StateDirectory
    from toolkit.state.remembered import Memory


class Decided:
    """One project directory with one environment of it, as the command line chose: what is decided of it.

    No engine is asked for any of this.
    """

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
        """Everything decided, for all hosts; what may go wrong is told. Raises UsageError."""
        from toolkit.cli.writing import note
        from toolkit.planning.build import build_plan

        plan = build_plan(self.settings)
        for warning in plan.warnings:
            note(self.common, "warning: " + warning.as_text())
        return plan

    @cached_property
    def plan(self) -> Plan:
        """What is decided for the one host that is worked on. Raises UsageError where it is not clear which."""
        from toolkit.planning.hosts import chosen_host

        return self.whole_plan.on_host(chosen_host(self.whole_plan, self.common.host))

    def parts(self) -> tuple[Self, ...]:
        """Return a project for each host: the one that the command line names, else all, in the profile's order."""
        from toolkit.planning.hosts import chosen_hosts

        hosts = chosen_hosts(self.whole_plan, self.common.host)
        return tuple(self.on_host(name) for name in hosts)

    def reached(self) -> tuple[Self, ...]:
        """Return a project for each host whose engine is worked with. Raises UsageError where it is not clear which."""
        from toolkit.planning.hosts import reached_hosts

        names = reached_hosts(self.whole_plan, self.common.host)
        parts = tuple(self.on_host(name) for name in names)
        for part in parts:
            # What was digested before the profile was read counts for all of it: for the part where there is but one.
            part.__dict__["remembering"] = self.remembering if len(parts) == 1 else self.remembering.none()
        return parts

    def reached_with(self, services: Sequence[str]) -> tuple[tuple[Self, tuple[str, ...]], ...]:
        """Return each host that has some of `services`, with those; without any service, all hosts with ().

        Raises UsageError for an unknown service, proposing the nearest one.
        """
        from toolkit.cli.services import known_services

        parts = self.reached()
        names = known_services(services, [s.name for part in parts for s in part.plan.services])
        if not names:
            return tuple((part, ()) for part in parts)
        here = [(part, tuple(n for n in names if part.plan.service(n) is not None)) for part in parts]
        return tuple((part, found) for part, found in here if found)

    def on_host(self, name: str) -> Self:
        """Return a project for that host, which shares what is known already."""
        part = type(self)(replace(self.common, host=name))
        known = {"sources": self.sources, "loaded_additions": self.loaded_additions}
        part.__dict__.update(profile=self.profile, whole_plan=self.whole_plan, **known)
        return part

    def with_plan(self, plan: Plan, bundle: Bundle) -> Self:
        """Return a project of the same host that is decided otherwise: nothing of it is remembered."""
        part = type(self)(self.common)
        known = {"profile": self.profile, "sources": self.sources, "loaded_additions": self.loaded_additions}
        part.__dict__.update(
            known, whole_plan=plan, plan=plan, bundle=bundle, remembering=self.remembering.none()
        )
        return part

    @cached_property
    def sources(self) -> Mapping[str, str]:
        """The sha256 of each file of the user's own that the profile names, as they were before they were read."""
        from toolkit.profile.inputs import digests_of

        named = [override.file for override in self.settings.overrides.values()]
        named += [s.fragment for s in self.whole_plan.services if s.fragment.endswith(".yaml")]
        tls = self.whole_plan.tls
        # Whoever puts a new certificate in its place wants it taken up.
        named += [] if tls is None else [path for path in (tls.certificate, tls.key) if path]
        return digests_of(self.directory / name for name in named)

    @cached_property
    def loaded_additions(self) -> LoadedAdditions:
        """What the user adds to what is shipped; a stale copy is told. Raises ProfileError."""
        from toolkit.cli.writing import note
        from toolkit.profile.additions import load_additions

        # Taken before they are read: whatever changes meanwhile is no longer as remembered.
        _ = self.sources
        loaded = load_additions(self.profile.merged, self.directory, shipped(), strict=self.settings.strict)
        for warning in loaded.warnings:
            note(self.common, "warning: " + warning.as_text())
        return loaded

    @cached_property
    def bundle(self) -> Bundle:
        """Everything rendered."""
        from toolkit.render.render import render

        shipped_dirs = resource_dir("compose"), resource_dir("templates")
        return render(self.plan, *shipped_dirs, self.directory, self.loaded_additions.additions)

    @property
    def render_root(self) -> Path:
        """Where the bundles of this environment are published: of one host, or a directory for each."""
        return self.directory / "build" / self.settings.environment

    @property
    def build_dir(self) -> Path:
        """Where the bundle of this host is published."""
        return self.render_root / self.plan.part

    @cached_property
    def remembering(self) -> Remembering:
        """What an earlier `up` has left; each `up` asks before it reads anything else."""
        from toolkit.cli.remembering import Remembering

        return Remembering(self.common, self.directory)

    @property
    def memory(self) -> Memory:
        """Where what `up` finds out is kept: nothing where a warning has to be told each time."""
        silent = not self.loaded_additions.warnings and not self.whole_plan.warnings
        # What another machine has by now, nobody can remember.
        kept = self.remembering if silent and not self.far else self.remembering.none()
        return kept.memory(self.state, self.plan.part, self.sources)

    @property
    def environment(self) -> str:
        """Its name, without reading the profile where what is remembered tells it."""
        known = None if "profile" in vars(self) else self.remembering.plan
        return self.settings.environment if known is None else known.environment

    @property
    def state(self) -> StateDirectory:
        """Where this environment keeps its secrets, keys and lock."""
        from toolkit.state.directory import StateDirectory

        return StateDirectory(self.directory, self.environment)

    @property
    def edge_trust(self) -> Path | None:
        """The certificate that the edge of this host has, None where it is asked in the clear."""
        return None if self.plan.tls is None else self.state.edge_certificate

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

    @property
    def engine_url(self) -> str:
        """How the engine of this host is reached; empty for the one that docker talks to anyway."""
        from toolkit.cli.engines import engine_address

        return engine_address(self.plan.hosts[0])

    @cached_property
    def far(self) -> bool:
        """Whether this host may be another machine."""
        from toolkit.cli.engines import is_far

        return is_far(self.plan.hosts[0])

    def ensure_published(self) -> None:
        """Compose works by its file, and build/ is disposable: write it where it is gone, and only there."""
        from toolkit.render.render import COMPOSE_FILE

        if not (self.build_dir / COMPOSE_FILE).exists():
            self.publish()

    def publish(self) -> tuple[Difference, ...]:
        """Write what differs and return that; what was remembered of the former tree is thrown away."""
        from toolkit.publish import publish

        written = publish(self.bundle, self.build_dir)
        if written:
            self.state.remembered(self.plan.part).unlink(missing_ok=True)
        return written


def shipped() -> dict[str, Path]:
    """Return the shipped files that a user may replace, by their names in `overrides:`."""
    from toolkit.profile.shipped import shipped_files

    return shipped_files(resource_dir("templates"), resource_dir("compose"))
