"""The composition root: what the verbs of one project share, made where it is first needed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.resources import resource_dir

if TYPE_CHECKING:
    from toolkit.cli.options import Common
    from toolkit.planning.plan import Plan
    from toolkit.profile.load import LoadedProfile
    from toolkit.render.bundle import Bundle
    from toolkit.settings.root import Settings
    from toolkit.state.directory import StateDirectory


class Project:
    """One project directory with one environment of it, as the command line chose."""

    def __init__(self, common: Common) -> None:
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
            profiles_dir=resource_dir("profiles"),
        )

    @property
    def settings(self) -> Settings:
        """What people wrote."""
        return self.profile.settings

    @cached_property
    def plan(self) -> Plan:
        """Everything decided. Raises UsageError."""
        from toolkit.planning.build import build_plan

        return build_plan(self.settings)

    @cached_property
    def bundle(self) -> Bundle:
        """Everything rendered."""
        from toolkit.render.render import render

        return render(self.plan, resource_dir("compose"), resource_dir("templates"))

    @property
    def build_dir(self) -> Path:
        """Where the bundle is published."""
        return self.directory / "build" / self.settings.environment

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
