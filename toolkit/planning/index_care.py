"""Which indexes nobody uses, and which tables are read whole: the questions to both databases, their answers; pure."""

from __future__ import annotations

from collections.abc import Iterable

from toolkit.values import Value

# Fewer seconds of counting than a day say nothing of a weekly report.
LONG_ENOUGH_S = 24 * 3600
# Primary and unique indexes keep data right, also where no query goes by them. Counted since the server's start.
MARIADB = """\
SELECT 'since', VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'UPTIME' AND @@userstat;
SELECT 'unused', s.TABLE_NAME, s.INDEX_NAME, GROUP_CONCAT(s.COLUMN_NAME ORDER BY s.SEQ_IN_INDEX SEPARATOR ', ')
FROM information_schema.STATISTICS s
JOIN information_schema.TABLE_STATISTICS t USING (TABLE_SCHEMA, TABLE_NAME)
LEFT JOIN information_schema.INDEX_STATISTICS u USING (TABLE_SCHEMA, TABLE_NAME, INDEX_NAME)
WHERE s.TABLE_SCHEMA = DATABASE() AND s.NON_UNIQUE = 1 AND u.INDEX_NAME IS NULL AND t.ROWS_READ > 0
GROUP BY s.TABLE_NAME, s.INDEX_NAME ORDER BY 2, 3;
"""
# A table of 10 000 rows that was read whole a hundred times, and oftener than by an index.
POSTGRESQL = """\
SELECT 'since', extract(epoch FROM now() - coalesce(stats_reset, pg_postmaster_start_time()))
FROM pg_stat_database WHERE datname = current_database();
SELECT 'unused', i.schemaname || '.' || i.relname, i.indexrelname, pg_get_indexdef(i.indexrelid)
FROM pg_stat_user_indexes i JOIN pg_index x USING (indexrelid) JOIN pg_stat_user_tables t USING (relid)
WHERE i.idx_scan = 0 AND NOT x.indisunique AND t.seq_scan + coalesce(t.idx_scan, 0) > 0 ORDER BY 2, 3;
SELECT 'whole', schemaname || '.' || relname, seq_scan, n_live_tup FROM pg_stat_user_tables
WHERE seq_scan >= 100 AND seq_scan > coalesce(idx_scan, 0) AND n_live_tup >= 10000 ORDER BY 3 DESC;
"""
QUESTIONS = {"mariadb": MARIADB, "vector-db": POSTGRESQL}


class UnusedIndex(Value):
    """An index that no query went by; `what` are its columns, or its definition."""

    table: str
    name: str
    what: str


class WholeTable(Value):
    """A large table that is read from end to end, how often and how many rows it has."""

    table: str
    times: int
    rows: int


class IndexUse(Value):
    """How one database's indexes are used; `since_s` is for how long that was counted, None where it is not."""

    service: str
    since_s: float | None
    unused: tuple[UnusedIndex, ...] = ()
    whole: tuple[WholeTable, ...] = ()

    @property
    def long_enough(self) -> bool:
        """Whether it was counted for long enough to say that something is not used."""
        return self.since_s is not None and self.since_s >= LONG_ENOUGH_S


def index_use(service: str, rows: Iterable[list[str]]) -> IndexUse:
    """Return what the answers to the question of that service tell."""
    rows = list(rows)
    since = next((float(row[1]) for row in rows if row[0] == "since"), None)
    return IndexUse(
        service,
        since,
        tuple(UnusedIndex(row[1], row[2], row[3]) for row in rows if row[0] == "unused"),
        tuple(WholeTable(row[1], int(row[2]), int(row[3])) for row in rows if row[0] == "whole"),
    )
