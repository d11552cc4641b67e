"""What vector indexes there are against what shall be there: the same as for tables, by pgvector's rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from toolkit.planning.index_sql import VectorIndexName, create_vector_index
from toolkit.planning.indexes import VectorIndexing
from toolkit.planning.migration import State, Verdict
from toolkit.values import Value

# pgvector's limits for both kinds of index: the dimensions that fit on a page.
_MOST_DIMENSIONS = {"vector": 2000, "halfvec": 4000}
_OPERATORS = {"cosine": "cosine", "l2": "l2", "inner_product": "ip"}


class SeenColumn(Value):
    """A vector column; `dimensions` is 0 where the column has none, `empty` whether its table never had a row."""

    schema: str
    table: str
    column: str
    type: str
    dimensions: int
    empty: bool


class SeenVectorIndex(Value):
    """An index of a vector column; one that is not `valid` is unfinished: in work (`building`) or left behind."""

    schema: str
    table: str
    column: str
    name: str
    kind: str
    operators: str
    valid: bool
    building: bool


def judge_vectors(
    wanted: VectorIndexing, columns: Iterable[SeenColumn], indexes: Iterable[SeenVectorIndex]
) -> tuple[Verdict, ...]:
    """Return a verdict for each vector column that the profile names, or that is there."""
    columns, indexes = tuple(columns), tuple(indexes)
    if wanted.columns is None:
        return tuple(_judge_column(wanted, one, indexes) for one in columns)
    return tuple(
        verdict for named in wanted.columns for verdict in _judge_named(wanted, named, columns, indexes)
    )


def _judge_named(
    wanted: VectorIndexing,
    named: tuple[str, str],
    columns: tuple[SeenColumn, ...],
    indexes: tuple[SeenVectorIndex, ...],
) -> Iterator[Verdict]:
    found = [one for one in columns if (one.table, one.column) == named]
    yield from (_judge_column(wanted, one, indexes) for one in found)
    if not found:
        subject = f"{named[0]}({named[1]}) {wanted.kind} {wanted.metric}"
        yield Verdict(subject, "absent", "there is no such vector column yet")


def _judge_column(
    wanted: VectorIndexing, column: SeenColumn, indexes: tuple[SeenVectorIndex, ...]
) -> Verdict:
    subject = f"{column.table}({column.column}) {wanted.kind} {wanted.metric}"
    operators = f"{column.type}_{_OPERATORS[wanted.metric]}_ops"
    own = [
        one
        for one in indexes
        if (one.schema, one.table, one.column, one.operators)
        == (column.schema, column.table, column.column, operators)
    ]
    state, detail = _standing(wanted.kind, own) or _hindrance(wanted.kind, column) or ("missing", "")
    if state != "missing":
        return Verdict(subject, state, detail)
    name = vector_index_name(column, wanted)
    leftover = any(one.name == name for one in own)
    index = VectorIndexName(column.schema, column.table, column.column, name, operators)
    return Verdict(subject, "missing", name, create_vector_index(index, wanted, leftover=leftover))


def _standing(kind: str, own: list[SeenVectorIndex]) -> tuple[State, str] | None:
    """Return what the indexes of a column come to, None where there is none that counts."""
    for one in own:
        if one.building:
            return "building", one.name
        if one.valid and one.kind == kind:
            return "present", one.name
    other = next((one for one in own if one.valid), None)
    if other is None:
        return None
    return "differs", f'{other.name} is {other.kind}: DROP INDEX "{other.schema}"."{other.name}", then again'


def _hindrance(kind: str, column: SeenColumn) -> tuple[State, str] | None:
    """Return why the column cannot have an index, or not yet."""
    most = _MOST_DIMENSIONS[column.type]
    if not column.dimensions:
        return "unsuitable", f"the column has no dimension: make it {column.type}(n)"
    if column.dimensions > most:
        return "unsuitable", f"{column.dimensions} dimensions, and {column.type} is indexed up to {most}"
    if kind == "ivfflat" and column.empty:
        return "waiting", "lists are found from the rows: load them first, then run `toolkit migrate`"
    return None


def vector_index_name(column: SeenColumn, wanted: VectorIndexing) -> str:
    """Return the name of the index that the toolkit makes, cut to PostgreSQL's 63 bytes."""
    tail = f"_{wanted.kind}_{_OPERATORS[wanted.metric]}"
    head = f"{column.table}_{column.column}".encode()[: 63 - len(tail)].decode(errors="ignore")
    return head + tail
