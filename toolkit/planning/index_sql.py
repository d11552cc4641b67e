"""SQL of the indexes: how what is there is asked for, and how one is made; pure text, nothing is executed."""

from __future__ import annotations

from collections.abc import Iterable

from toolkit.planning.indexes import TableIndex, VectorIndexing
from toolkit.values import Value

# Tables of systems have no vectors; a partitioned table is indexed by its partitions.
LOOK_AT_VECTORS = """\
SELECT 'column', n.nspname, c.relname, a.attname, t.typname, greatest(a.atttypmod, 0), pg_relation_size(c.oid) = 0
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'm')
JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname NOT LIKE 'pg\\_%'
JOIN pg_type t ON t.oid = a.atttypid AND t.typname IN ('vector', 'halfvec')
WHERE NOT a.attisdropped ORDER BY 2, 3, 4;
SELECT 'index', n.nspname, c.relname, a.attname, i.relname, m.amname, o.opcname, x.indisvalid, p.pid IS NOT NULL
FROM pg_index x
JOIN pg_class i ON i.oid = x.indexrelid
JOIN pg_am m ON m.oid = i.relam AND m.amname IN ('hnsw', 'ivfflat')
JOIN pg_class c ON c.oid = x.indrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = x.indkey[0]
JOIN pg_opclass o ON o.oid = x.indclass[0]
LEFT JOIN pg_stat_progress_create_index p ON p.index_relid = x.indexrelid
WHERE x.indpred IS NULL ORDER BY 2, 3, 5;
"""
# Waiting for a long transaction, an ALTER would hold up everybody who comes after it.
_LOCK_WAIT_S = 30


class VectorIndexName(Value):
    """An index of a vector column: where it is, how it is called, and the operators that it serves."""

    schema: str
    table: str
    column: str
    name: str
    operators: str


def look_at_tables(names: Iterable[str]) -> str:
    """Return the question for columns and indexes of these tables, names as a profile may have them."""
    listed = ", ".join(f"'{name}'" for name in sorted(set(names)))
    # Names of a profile are letters, digits and _.
    return f"""\
SELECT 'column', table_name, column_name FROM information_schema.columns
WHERE table_schema = DATABASE() AND table_name IN ({listed}) ORDER BY 2, ordinal_position;
SELECT 'index', table_name, index_name, index_type,
GROUP_CONCAT(IF(sub_part IS NULL, column_name, CONCAT(column_name, '(', sub_part, ')')) ORDER BY seq_in_index)
FROM information_schema.statistics
WHERE table_schema = DATABASE() AND table_name IN ({listed}) GROUP BY 2, 3, 4 ORDER BY 2, 3;
"""  # noqa: S608


def create_table_index(index: TableIndex) -> str:
    """Return the statement for MariaDB; it gives up where the table is locked for long."""
    kind = "FULLTEXT INDEX" if index.kind == "fulltext" else "INDEX"
    columns = ", ".join(f"`{column}`" for column in index.columns)
    return f"CREATE {kind} `{index.name}` ON `{index.table}` ({columns}) WAIT {_LOCK_WAIT_S};"


def create_vector_index(index: VectorIndexName, how: VectorIndexing, *, leftover: bool) -> tuple[str, ...]:
    """Return the statements for PostgreSQL, which leave the table open to readers and writers.

    An unfinished index of that name is dropped first.
    """
    table, name = f"{_quoted(index.schema)}.{_quoted(index.table)}", _quoted(index.name)
    drop = (f"DROP INDEX CONCURRENTLY IF EXISTS {_quoted(index.schema)}.{name};",) if leftover else ()
    options = f"lists = {how.lists}"
    if how.kind == "hnsw":
        options = f"m = {how.m}, ef_construction = {how.ef_construction}"
    create = (
        f"CREATE INDEX CONCURRENTLY {name} ON {table} "
        f"USING {how.kind} ({_quoted(index.column)} {index.operators}) WITH ({options});"
    )
    return (*drop, create)


def _quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'
