"""A project directory over a copy of the shipped profiles, which a test may change."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from toolkit.errors import ProfileError, UsageError
from toolkit.profile.load import LoadedProfile, load_profile
from toolkit.resources import resource_dir


class Project:
    """A project directory over a copy of the shipped profiles."""

    def __init__(self, root: Path) -> None:
        self.directory = root / "project"
        self.directory.mkdir()
        self.profiles = root / "profiles"
        shutil.copytree(resource_dir("profiles"), self.profiles)

    def load(
        self,
        text: str | None = None,
        *sets: str,
        env: str | None = None,
        hardware: str | None = None,
        persona: str | None = None,
        strict: bool = False,
    ) -> LoadedProfile:
        """Load the profile with `text` as toolkit.yaml, the rest as flags."""
        if text is not None:
            (self.directory / "toolkit.yaml").write_text(text)
        return load_profile(
            self.directory,
            environment=env,
            hardware=hardware,
            sets=sets,
            profiles_dir=self.profiles,
            persona=persona,
            strict=strict,
        )

    def write(self, **texts: str) -> None:
        """Replace shipped layers, their paths written with __ for / and without .yaml."""
        for name, text in texts.items():
            (self.profiles / f"{name.replace('__', '/')}.yaml").write_text(text)

    def refused(self, text: str | None = None, *sets: str, **chosen: Any) -> list[str]:
        """Return every problem of a profile that has to be refused."""
        with pytest.raises(UsageError) as caught:
            self.load(text, *sets, **chosen)
        assert isinstance(caught.value, ProfileError)
        assert caught.value.exit_code == 2
        return [problem.as_text() for problem in caught.value.problems]
