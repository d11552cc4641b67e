"""What the unit tests share: small fixtures, and properties tried often enough within their ten seconds."""

from __future__ import annotations

import pytest
from hypothesis import settings

from tests.support.disks import small_disk

__all__ = ["small_disk"]

settings.register_profile("unit", max_examples=30, deadline=None)
settings.load_profile("unit")


@pytest.fixture(autouse=True)
def no_ci_service(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports mark themselves in the log of a CI job, and these tests may run in one."""
    for name in ("GITHUB_ACTIONS", "GITLAB_CI"):
        monkeypatch.delenv(name, raising=False)
