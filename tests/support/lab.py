"""The programs that `scripts/bootstrap.sh lab` installs for tests."""

from __future__ import annotations

import os
import shutil

import pytest


def lab_program(name: str) -> str:
    """Return where it is; without it the test is skipped, and fails in CI."""
    found = shutil.which(name)
    if found is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"no {name}: scripts/bootstrap.sh lab")
    return str(found)
