"""What the unit tests share: small fixtures, and properties tried often enough within their ten seconds."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.command import NO_ENGINE, project
from tests.support.disks import small_disk

__all__ = ["small_disk"]

# The same examples each time: a run tells of the change. `HYPOTHESIS_PROFILE=dice` looks for what nobody thought of.
settings.register_profile("unit", max_examples=30, deadline=None, derandomize=True)
settings.register_profile("dice", max_examples=300, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "unit"))


@pytest.fixture(autouse=True)
def no_ci_service(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports mark themselves in the log of a CI job, and these tests may run in one."""
    for name in ("GITHUB_ACTIONS", "GITLAB_CI"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project directory, the working directory, without an engine."""
    monkeypatch.chdir(project(tmp_path))
    monkeypatch.setenv("DOCKER_HOST", NO_ENGINE)
    monkeypatch.delenv("TOOLKIT_ENV", raising=False)
    return tmp_path
