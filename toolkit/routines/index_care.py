"""How indexes are used, and what is slow: looked at in the databases, nothing is changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.clock import Deadline
from toolkit.engine.databases import Database
from toolkit.planning.index_care import QUESTIONS, IndexUse, index_use
from toolkit.planning.slow_log import SlowQuery, slow_queries

if TYPE_CHECKING:
    from toolkit.clock import Clock
    from toolkit.engine.compose import ComposeEngine
    from toolkit.planning.plan import Plan

_LOOK_S = 30.0
# The end of the log: some ten thousand queries.
_SLOW_LOG = ("tail", "--bytes=2M", "/var/lib/mysql/slow.log")
SHOWN = 10


@dataclass(frozen=True, slots=True)
class Care:
    """What was seen: of each database how its indexes are used, of MariaDB the slowest queries."""

    uses: tuple[IndexUse, ...]
    slow: tuple[SlowQuery, ...]


@dataclass(frozen=True, slots=True)
class IndexCare:
    """Looks at the databases of one host."""

    plan: Plan
    engine: ComposeEngine
    clock: Clock

    @property
    def services(self) -> tuple[str, ...]:
        """The databases of this host."""
        return tuple(name for name in QUESTIONS if self.plan.service(name) is not None)

    def look(self) -> Care:
        """Return what is seen. Raises EngineError and ServiceFailedError where a database cannot be asked."""
        deadline = Deadline.after(_LOOK_S, self.clock)
        uses = tuple(
            index_use(name, Database(self.engine, name).rows(QUESTIONS[name], deadline))
            for name in self.services
        )
        return Care(uses, self._slow(deadline) if "mariadb" in self.services else ())

    def _slow(self, deadline: Deadline) -> tuple[SlowQuery, ...]:
        done = self.engine.exec("mariadb", _SLOW_LOG, deadline=deadline)
        # Without a slow query there may be no log yet.
        return slow_queries(done.stdout)[:SHOWN] if done.returncode == 0 else ()
