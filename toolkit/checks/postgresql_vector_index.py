"""Are the vector indexes used?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Status, Suite, check
from toolkit.snapshot import Need, known

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot


_LEAST_ROWS = 10_000
_LEAST_SEARCHES = 100


@check(
    "postgresql.vector_index",
    "Vector indexes are used",
    needs={Need.POSTGRESQL},
    suites={Suite.DIAGNOSE},
    explains=("endpoint.slow",),
)
def postgresql_vector_index(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Warn where a table of 10 000 rows and more was read from end to end 100 times, and its vector index never used.

    Smaller tables are read as quickly without. The index serves `ORDER BY column <operator> $1 LIMIT n` with the
    operator of its class only: a query by another distance, in another direction, or without LIMIT goes past it.
    """
    for one in known(seen.postgresql):
        numbers = one.numbers
        for name, scans in numbers.items():
            if not (name.startswith("index/") and name.endswith("/scans")):
                continue
            schema, table, index = name.split("/")[1].split(".", 2)
            if not _is_vector_index(plan, index):
                continue
            rows = numbers.get(f"table/{schema}.{table}/rows", 0)
            whole = numbers.get(f"table/{schema}.{table}/seq_scan", 0)
            yield _judged(one.service, f"{schema}.{table}", index, scans=scans, rows=rows, whole=whole)


def _is_vector_index(plan: Plan, index: str) -> bool:
    kind = plan.indexes.vectors.kind if plan.indexes.vectors is not None else ""
    return any(word in index for word in ("hnsw", "ivfflat", "vector", *([kind] if kind else [])))


def _judged(service: str, table: str, index: str, *, scans: float, rows: float, whole: float) -> Finding:
    used = f"{index} of {table}: used {scans:,.0f} times, {whole:,.0f} times the whole table instead"
    if scans == 0 and (rows < _LEAST_ROWS or whole < _LEAST_SEARCHES):
        return Finding(
            service, Status.SKIP, f"too little to tell: {used}", f"{_LEAST_SEARCHES} searches at least"
        )
    if scans > 0:
        return Finding(service, Status.PASS, used)
    return Finding(
        service,
        Status.WARN,
        used,
        "searches go by the index",
        "queries sort by another distance than the index is made for, or without LIMIT",
        "EXPLAIN one of them; the operator has to be that of the index (<=> is cosine), with LIMIT",
        (f"{rows:,.0f} rows", f"idx_scan {scans:.0f}", f"seq_scan {whole:.0f}"),
    )
