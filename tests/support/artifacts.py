"""Keeps what explains a failed test: states, logs, the rendered tree, what the command said; no secrets."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING

from tests.support.engine import containers_of, execute, inspect, logs

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.stack import Ran, Stack


def save_artifacts(stack: Stack, to: Path) -> None:
    """Write everything of the stack to the directory `to`, in the place of what was there."""
    shutil.rmtree(to, ignore_errors=True)
    to.mkdir(parents=True)
    if stack.build.is_dir():
        shutil.copytree(stack.build, to / "build")
    texts = {
        "toolkit.txt": "\n\n".join(_said(ran) for ran in stack.ran),
        "status.json": execute(*stack.argv("status", "--output=json")).stdout,
    }
    for name in containers_of(stack.project):
        texts[f"{name}.log"] = logs(name)
        texts[f"{name}.json"] = json.dumps(inspect(name)["State"], indent=2)
    for name, text in texts.items():
        (to / name).write_text(_scrubbed(text, list(stack.secrets().values())))


def _said(ran: Ran) -> str:
    return f"$ toolkit {' '.join(ran.words)}\n{ran.out}{ran.err}exit code {ran.code}, {ran.elapsed_s:.1f} s"


def _scrubbed(text: str, secrets: list[str]) -> str:
    values = [re.escape(value) for value in secrets if value]
    return re.sub("|".join(values), "(secret)", text) if values else text
