"""API keys in the state and in the running edge at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.clock import Clock, Deadline
from toolkit.errors import Problem, UsageError
from toolkit.routines.prepare import OWN_KEY

if TYPE_CHECKING:
    from toolkit.engine.edge import EdgeAdmin
    from toolkit.probes.containers import Containers
    from toolkit.state.keys import Key, Keys

_ORDER_S = 10.0


@dataclass(frozen=True, slots=True)
class LiveKeys:
    """The keys of one environment; the caller holds its lock where they are changed."""

    keys: Keys
    edge: EdgeAdmin
    containers: Containers
    project: str
    clock: Clock

    def all(self) -> tuple[Key, ...]:
        """Return the keys by name."""
        return self.keys.all()

    def add(self, name: str) -> tuple[Key, bool]:
        """Make a key; return it, and whether a running edge admits it now. Raises UsageError, EngineError."""
        key = self.keys.add(name)
        live = self._edge_runs()
        if live:
            self.edge.add_key(key.digest, key.name, Deadline.after(_ORDER_S, self.clock))
        return key, live

    def revoke(self, name: str) -> tuple[Key, bool]:
        """Take a key back; return it, and whether a running edge refuses it now.

        Raises UsageError, EngineError.
        """
        if name == OWN_KEY:
            raise UsageError(
                Problem(
                    "keys revoke",
                    f"`{OWN_KEY}` is the toolkit's own key: with it `up` proves that the edge serves",
                    next_step="`toolkit keys list` shows the others",
                )
            )
        key = self.keys.revoke(name)
        live = self._edge_runs()
        if live:
            self.edge.revoke_key(key.digest, Deadline.after(_ORDER_S, self.clock))
        return key, live

    def _edge_runs(self) -> bool:
        return any(
            f.service == "edge" and f.state == "running" for f in self.containers.of_project(self.project)
        )
