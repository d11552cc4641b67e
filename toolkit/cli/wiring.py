"""The composition root: what the verbs of one project share, made where it is first needed."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.clock import Deadline
from toolkit.resources import resource_dir

if TYPE_CHECKING:
    from toolkit.cli.options import Common
    from toolkit.planning.plan import Plan
    from toolkit.profile.load import LoadedProfile
    from toolkit.render.bundle import Bundle
    from toolkit.settings.root import Settings


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
