"""Which indexes the databases shall have, as the profile declares them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from toolkit.values import Value

if TYPE_CHECKING:
    # The plan's types are loaded where nothing but a look is needed, and pydantic costs each run 0.1 s.
    from toolkit.settings.mariadb import Mariadb
    from toolkit.settings.vector_db import VectorDb


class TableIndex(Value):
    """An index of a table of MariaDB."""

    name: str
    table: str
    columns: tuple[str, ...]
    kind: Literal["btree", "fulltext"]


class VectorIndexing(Value):
    """How vector columns are indexed; `columns` are (table, column), None for every one."""

    kind: Literal["hnsw", "ivfflat"]
    metric: Literal["cosine", "l2", "inner_product"]
    m: int
    ef_construction: int
    lists: int
    columns: tuple[tuple[str, str], ...] | None


class Indexes(Value):
    """All that is wanted; `vectors` is None where there is no vector database."""

    tables: tuple[TableIndex, ...] = ()
    vectors: VectorIndexing | None = None


def table_indexes(section: Mariadb) -> tuple[TableIndex, ...]:
    """Return the indexes of MariaDB; one that a later layer set to null is not wanted."""
    return tuple(
        TableIndex(name, index.table, tuple(index.columns), index.kind)
        for name, index in section.indexes.items()
        if index is not None
    )


def vector_indexing(section: VectorDb) -> VectorIndexing:
    """Return how the vector database indexes."""
    index = section.index
    named = None if index.columns is None else tuple((c.table, c.column) for c in index.columns)
    return VectorIndexing(index.kind, index.metric, index.m, index.ef_construction, index.lists, named)
