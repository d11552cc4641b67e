"""API keys in the state and in the running edge at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.clock import Clock, Deadline
from toolkit.errors import EngineError, Problem, UsageError
from toolkit.routines.prepare import OWN_KEY

if TYPE_CHECKING:
    from toolkit.engine.edge import EdgeAdmin
    from toolkit.probes.containers import Containers
    from toolkit.routines.deliver import Delivery
    from toolkit.state.keys import Key, Keys

_ORDER_S = 10.0
_NO_EDGE = "the edge is not running"


@dataclass(frozen=True, slots=True)
class LiveKeys:
    """The keys of one environment; the caller holds its lock where they are changed."""

    keys: Keys
    edge: EdgeAdmin
    containers: Containers
    project: str
    clock: Clock
    delivery: Delivery | None

    def all(self) -> tuple[Key, ...]:
        """Return the keys by name."""
        return self.keys.all()

    def add(self, name: str) -> tuple[Key, str]:
        """Make a key; return it, and why no running edge admits it now: "" where one does.

        Without an engine it is made all the same. Raises UsageError, EngineError where the edge refuses it.
        """
        key = self.keys.add(name)
        try:
            runs = self._edge_runs()
        except EngineError as error:
            return key, error.problems[0].what
        if runs:
            self._deliver()
            self.edge.add_key(key.digest, key.name, Deadline.after(_ORDER_S, self.clock))
        return key, "" if runs else _NO_EDGE

    def revoke(self, name: str) -> tuple[Key, str]:
        """Take a key back; return it, and why no running edge was told: "" where one refuses it now.

        Raises UsageError, and EngineError where an edge may run that still admits it: nobody may believe that
        the key is out of use.
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
        try:
            runs = self._edge_runs()
            if runs:
                self._deliver()
                self.edge.revoke_key(key.digest, Deadline.after(_ORDER_S, self.clock))
        except EngineError as error:
            raise EngineError(_untold(name, error.problems[0])) from error
        return key, "" if runs else _NO_EDGE

    def _deliver(self) -> None:
        """Have the edge's next start find the same keys, also where it reads them on another machine."""
        if self.delivery is not None:
            self.delivery.bring()

    def _edge_runs(self) -> bool:
        return any(
            f.service == "edge" and f.state == "running" for f in self.containers.of_project(self.project)
        )


def _untold(name: str, cause: Problem) -> Problem:
    what = f"`{name}` is taken back here, but a running edge could not be told"
    return Problem(
        "keys revoke", what, f"{cause.where}: {cause.what}", "if the edge is running: toolkit restart edge"
    )
