"""The shell of this project, as its critic reads it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.support.lab import lab_program

ROOT = Path(__file__).parents[2]


def test_shellcheck_has_nothing_to_say() -> None:
    files = sorted(map(str, [*ROOT.glob("scripts/*.sh"), ROOT / ".ci" / "run"]))
    argv = [lab_program("shellcheck"), "--external-sources", "--source-path=SCRIPTDIR", *files]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout + done.stderr == ""
    assert done.returncode == 0
