"""Keeps the remembered plan of an environment: a file that is believed only for exactly the same inputs."""

from __future__ import annotations

import json
import os
import stat
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from toolkit.render.remembered import Remembered, remembered_from
from toolkit.state import files
from toolkit.state.directory import REMEMBERED, STATE
from toolkit.values import Value, field

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_MODE = 0o600


class Memory(Value):
    """The remembered plan in `path`, of inputs with this digest; None keeps nothing.

    `sources` gives the sha256 of the user's own files that were rendered, by path, as they were before that.
    """

    path: Path
    inputs: str | None
    sources: Mapping[str, str] = field(default_factory=dict)

    def keep(self, plan: Remembered) -> None:
        """Remember `plan` in the place of a former one; what cannot be written is not remembered."""
        if self.inputs is None:
            return
        body = plan.as_json()
        text = json.dumps({"inputs": self.inputs, "digest": _digest(body), "plan": body}, indent=1)
        with suppress(OSError):
            files.replace(self.path, text, _MODE)

    def forget(self) -> None:
        """Throw away what was remembered. Raises OSError where it is there and cannot be removed."""
        self.path.unlink(missing_ok=True)


def recall(project_dir: Path, inputs: str | None) -> Remembered | None:
    """Return what was remembered for these inputs, in whichever environment they choose.

    None where there is nothing, or where it cannot be read, is not whole, or is not ours alone to write.
    """
    if inputs is None:
        return None
    found = (_read(path, inputs) for path in sorted((project_dir / STATE).glob(f"*/{REMEMBERED}*.json")))
    return next((plan for plan in found if plan is not None), None)


def _read(path: Path, inputs: str) -> Remembered | None:
    try:
        found = json.loads(_own_text(path))
        if found["inputs"] != inputs or found["digest"] != _digest(found["plan"]):
            return None
        return remembered_from(found["plan"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _own_text(path: Path) -> str:
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), encoding="utf-8") as file:
        found = os.fstat(file.fileno())
        # Who could write it could have us believe that all is well, and send our own key elsewhere.
        if found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) != _MODE:
            raise PermissionError(path)
        return file.read()


def _digest(body: dict[str, Any]) -> str:
    return sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
