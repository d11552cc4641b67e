"""These tests need the real Compose: without it they are skipped, seen by everybody; CI has to have it."""

from __future__ import annotations

import os
import shutil
from functools import cache

import pytest

from tests.support.engine import execute


@cache
def why_no_compose() -> str:
    """Return why Compose cannot be called here, "" where it can."""
    if shutil.which("docker") is None:
        return "the docker command is not on PATH"
    done = execute("docker", "compose", "version", timeout_s=60)
    return "" if done.returncode == 0 else done.stderr.strip()


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("compose") and (reason := why_no_compose()):
        if os.environ.get("CI"):
            pytest.fail(f"CI needs Docker Compose: {reason}", pytrace=False)
        pytest.skip(f"no Docker Compose: {reason}")
