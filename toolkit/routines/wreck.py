"""Saves what a release that failed has left, before anything is done that would remove it."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.errors import EngineError
from toolkit.redact import Redactor
from toolkit.state.hidden import secret_values

if TYPE_CHECKING:
    from pathlib import Path

    from toolkit.errors import ToolkitError
    from toolkit.facts import ContainerFact
    from toolkit.probes.containers import Containers
    from toolkit.state.directory import StateDirectory

_LINES = 500
_BYTES = 256 * 1024
_MODE = 0o600
_DIRECTORY_MODE = 0o700


@dataclass(frozen=True, slots=True)
class Evidence:
    """Collects into a directory of the state: per container its log's end and all that the engine tells of it."""

    containers: Containers
    project: str
    state: StateDirectory

    def save(self, directory: Path, error: ToolkitError) -> None:
        """Write it, secrets taken out; what cannot be had or written any more is left out."""
        secrets = Redactor(secret_values(self.state))
        _write(directory / "error.txt", str(error), secrets)
        with suppress(EngineError):
            for fact in self.containers.of_project(self.project):
                self._save_one(directory, fact, secrets)

    def _save_one(self, directory: Path, fact: ContainerFact, secrets: Redactor) -> None:
        with suppress(EngineError):
            log = "\n".join(self.containers.log_tail(fact.container_id, _LINES))
            _write(directory / "logs" / f"{fact.name}.log", log[-_BYTES:], secrets)
            document = json.dumps(self.containers.document(fact.container_id), indent=1)
            _write(directory / "inspect" / f"{fact.name}.json", document, secrets)


def _write(path: Path, text: str, secrets: Redactor) -> None:
    with suppress(OSError):
        path.parent.mkdir(mode=_DIRECTORY_MODE, exist_ok=True)
        path.touch(mode=_MODE)
        path.write_text(secrets.secrets(text), encoding="utf-8")
