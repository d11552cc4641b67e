"""`migrate`: the indexes that the profile declares are made where their tables are and they are missing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.clock import Deadline
from toolkit.engine.databases import Database
from toolkit.planning.index_sql import LOOK_AT_VECTORS, look_at_tables
from toolkit.planning.migration import SeenIndex, SeenTables, Verdict, judge_tables
from toolkit.planning.vector_migration import SeenColumn, SeenVectorIndex, judge_vectors
from toolkit.state.files import replace as write
from toolkit.values import replace

if TYPE_CHECKING:
    from toolkit.clock import Clock
    from toolkit.engine.compose import ComposeEngine
    from toolkit.planning.plan import Plan
    from toolkit.routines.progress import Progress
    from toolkit.state.directory import StateDirectory

_LOOK_S = 30.0


@dataclass(frozen=True, slots=True)
class IndexResult:
    """One wanted index after the migration: whose it is, how it stands, its name or what is in the way."""

    service: str
    subject: str
    state: str
    detail: str


@dataclass(frozen=True, slots=True)
class Migration:
    """The sequence over the databases of one host; the caller holds the environment's lock."""

    plan: Plan
    engine: ComposeEngine
    state: StateDirectory
    progress: Progress
    clock: Clock

    @property
    def due(self) -> bool:
        """Whether the profile wants other indexes than the last complete run has looked for."""
        mark = self.state.indexes
        return bool(self.services) and (not mark.exists() or mark.read_text() != self._digest)

    @property
    def services(self) -> tuple[str, ...]:
        """The databases of this host for which the profile declares indexes."""
        wanted = {"mariadb": self.plan.indexes.tables, "vector-db": self.plan.indexes.vectors}
        return tuple(name for name, some in wanted.items() if some and self.plan.service(name) is not None)

    def run(self) -> tuple[IndexResult, ...]:
        """Make what is missing, one index after the other; return how each stands.

        A statement that the database refuses is a result, too. Raises EngineError and ServiceFailedError where a
        database cannot be asked.
        """
        results = tuple(result for name in self.services for result in self._migrate(name))
        if not any(result.state == "failed" for result in results):
            write(self.state.indexes, self._digest, 0o600)
        return results

    def look(self) -> tuple[IndexResult, ...]:
        """Return how each stands, without making any. Raises EngineError and ServiceFailedError as `run` does."""
        return tuple(
            IndexResult(name, verdict.subject, verdict.state, verdict.detail)
            for name in self.services
            for verdict in self._verdicts(Database(self.engine, name))
        )

    @property
    def _digest(self) -> str:
        return hashlib.sha256(repr(self.plan.indexes).encode()).hexdigest()

    def _migrate(self, service: str) -> Iterator[IndexResult]:
        database = Database(self.engine, service)
        for verdict in self._verdicts(database):
            made = self._make(database, verdict) if verdict.statements else verdict
            yield IndexResult(service, made.subject, made.state, made.detail)

    def _verdicts(self, database: Database) -> Iterable[Verdict]:
        indexes, deadline = self.plan.indexes, Deadline.after(_LOOK_S, self.clock)
        if database.service == "mariadb":
            question = look_at_tables(index.table for index in indexes.tables)
            return judge_tables(indexes.tables, seen_tables(database.rows(question, deadline)))
        if indexes.vectors is None:
            return ()
        rows = database.rows(LOOK_AT_VECTORS, deadline)
        return judge_vectors(indexes.vectors, *seen_vectors(rows))

    def _make(self, database: Database, verdict: Verdict) -> Verdict:
        self.progress.note(f"{database.service}: makes the index {verdict.detail} on {verdict.subject}")
        for statement in verdict.statements:
            if refusal := database.execute(statement):
                return replace(verdict, state="failed", detail=refusal)
        return replace(verdict, state="created")


def seen_tables(rows: Iterable[list[str]]) -> SeenTables:
    """Return what MariaDB's rows tell."""
    rows = list(rows)
    return SeenTables(
        frozenset((row[1], row[2]) for row in rows if row[0] == "column"),
        tuple(SeenIndex(r[1], r[2], r[3], tuple(r[4].split(","))) for r in rows if r[0] == "index"),
    )


def seen_vectors(rows: Iterable[list[str]]) -> tuple[list[SeenColumn], list[SeenVectorIndex]]:
    """Return what PostgreSQL's rows tell."""
    rows = list(rows)
    columns = [SeenColumn(r[1], r[2], r[3], r[4], int(r[5]), r[6] == "t") for r in rows if r[0] == "column"]
    indexes = [
        SeenVectorIndex(r[1], r[2], r[3], r[4], r[5], r[6], r[7] == "t", r[8] == "t")
        for r in rows
        if r[0] == "index"
    ]
    return columns, indexes
