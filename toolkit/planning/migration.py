"""What indexes there are against what shall be there → what has to be made, and why not where nothing is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from toolkit.planning.index_sql import create_table_index
from toolkit.planning.indexes import TableIndex
from toolkit.values import Value

State = Literal[
    "missing", "created", "present", "absent", "waiting", "building", "unsuitable", "differs", "failed"
]


class SeenIndex(Value):
    """An index of MariaDB as it is; a part of a column is written `column(10)`."""

    table: str
    name: str
    kind: str
    columns: tuple[str, ...]


class SeenTables(Value):
    """What MariaDB has of the tables that are asked for: columns as (table, column), and indexes."""

    columns: frozenset[tuple[str, str]]
    indexes: tuple[SeenIndex, ...]


class Verdict(Value):
    """One wanted index and how it stands; `statements` are what makes it, where it is missing and can be made."""

    subject: str
    state: State
    detail: str
    statements: tuple[str, ...] = ()


def judge_tables(wanted: Iterable[TableIndex], seen: SeenTables) -> tuple[Verdict, ...]:
    """Return a verdict for each index of MariaDB."""
    return tuple(_judge_table(index, seen) for index in wanted)


def _judge_table(index: TableIndex, seen: SeenTables) -> Verdict:
    words = " fulltext" if index.kind == "fulltext" else ""
    subject = f"{index.table}({', '.join(index.columns)}){words}"
    missing = [column for column in index.columns if (index.table, column) not in seen.columns]
    if not any(table == index.table for table, _ in seen.columns):
        return Verdict(subject, "absent", "there is no such table yet")
    if missing:
        return Verdict(subject, "absent", f"the table has no column {', '.join(missing)}")
    found = next((one for one in seen.indexes if _covers(one, index)), None)
    if found is not None:
        return Verdict(subject, "present", found.name)
    return Verdict(subject, "missing", index.name, (create_table_index(index),))


def _covers(seen: SeenIndex, index: TableIndex) -> bool:
    """A search for words needs exactly its columns; any other finds them at the beginning of an index."""
    if seen.table != index.table or seen.kind.lower() != index.kind:
        return False
    if index.kind == "fulltext":
        return sorted(seen.columns) == sorted(index.columns)
    return seen.columns[: len(index.columns)] == index.columns
