"""Replaces model servers in turn: led around, idle, made anew, healthy, seen anew by the edge, back in its pool."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.clock import Clock, Deadline

if TYPE_CHECKING:
    from toolkit.engine.compose import ComposeEngine
    from toolkit.engine.edge import EdgeAdmin
    from toolkit.planning.rolling import Turn
    from toolkit.routines.progress import Progress

_ORDER_S = 10.0
_APPLY_S = 300.0
# As long as a former worker of the edge keeps its streams after a reload.
_IDLE_S = 600.0
# Some times the interval of the edge's checks.
_SEEN_S = 30.0


@dataclass(frozen=True, slots=True)
class Rolling:
    """The hands of it; what fails is an EngineError, and whoever was led around is back in the pool by then."""

    admin: EdgeAdmin
    engine: ComposeEngine
    progress: Progress
    clock: Clock

    def replace(self, in_turn: Iterable[Turn], settle: Callable[[Collection[str]], object]) -> None:
        """Replace one server after the other; `settle` waits until services are healthy.

        The first one that does not come to serve ends it: the others go on as they are.
        """
        for turn in in_turn:
            with self._led_around(turn):
                self.progress.service(turn.service, "replaced while others serve")
                self.engine.up_alone([turn.service], deadline=Deadline.after(_APPLY_S, self.clock))
                settle([turn.service])
                # Its last result may be of the container before.
                self.admin.see_anew(turn.pool, turn.service, Deadline.after(_SEEN_S, self.clock))

    def forget(self) -> None:
        """Have no server led around: what a run that was killed has left."""
        deadline = Deadline.after(_ORDER_S, self.clock)
        for one in self.admin.server_states(deadline):
            if one.led_around:
                self.admin.lead_to(one.backend, one.server, deadline)

    @contextmanager
    def _led_around(self, turn: Turn) -> Iterator[None]:
        self.admin.lead_around(turn.pool, turn.service, Deadline.after(_ORDER_S, self.clock))
        try:
            self._idle(turn)
            yield
        finally:
            # Also after Ctrl-C: what is down gets nothing anyway, and what comes back shall be asked.
            self.admin.lead_to(turn.pool, turn.service, Deadline.after(_ORDER_S, self.clock))

    def _idle(self, turn: Turn) -> None:
        """Wait until nothing is under way there; what takes too long is cut, and told."""
        deadline, told = Deadline.after(_IDLE_S, self.clock), -1
        while (left := self.admin.under_way(turn.pool, turn.service, deadline)) and not deadline.passed:
            if left != told:
                self.progress.service(turn.service, f"led around, {left} requests under way")
                told = left
        if left:
            self.progress.note(f"{turn.service}: {left} requests took too long and are cut")
