"""Cards that no machine has to have: an engine with this hook on its PATH accepts driver `nvidia`."""

from __future__ import annotations

import json
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support import gpu_hook

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# The engine looks for this name on its PATH when it starts.
_HOOK = "nvidia-container-runtime-hook"


@dataclass(frozen=True)
class Gpus:
    """The hook, the inventory and the log of one engine, all below `directory`."""

    directory: Path

    @property
    def inventory(self) -> Path:
        """A JSON list of UUIDs in the order of their indices; read anew for every container."""
        return self.directory / "inventory.json"

    @property
    def log(self) -> Path:
        return self.directory / "log.jsonl"

    @property
    def environ(self) -> Mapping[str, str]:
        """What the hook finds in dockerd's environment; `directory` also has to be on its PATH."""
        return {"GPU_INVENTORY": str(self.inventory), "GPU_LOG": str(self.log)}

    def install(self, cards: Sequence[str]) -> None:
        """Write the hook, and `cards`, UUIDs, as the inventory; without any card there is no hook either."""
        if not cards:
            return
        self.directory.mkdir(parents=True)
        self.inventory.write_text(json.dumps(cards))
        hook = self.directory / _HOOK
        python = shlex.join((sys.executable, "-I", str(Path(gpu_hook.__file__))))
        hook.write_text(f'#!/bin/sh\nexec {python} "$@"\n')
        hook.chmod(0o755)

    def pinned(self, container_id: str) -> tuple[str, ...]:
        """Return the ids of cards, as they were asked for, that a container got at its latest start."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        got = [one["ids"] for one in map(json.loads, lines) if one["container"] == container_id]
        return tuple(got[-1]) if got else ()
