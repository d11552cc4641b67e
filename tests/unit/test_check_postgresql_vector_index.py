"""postgresql.vector_index: an index that no search goes by."""

from __future__ import annotations

import pytest

from tests.support.findings import ask
from toolkit.checking import Finding, Status
from toolkit.checks.postgresql_vector_index import postgresql_vector_index
from toolkit.facts import FiguresFact

INDEX = "index/public.vector_embeddings.vector_embeddings_embedding_hnsw"
TABLE = "table/public.vector_embeddings"


def found(scans: float, whole: float, rows: float, index: str = INDEX) -> tuple[Finding, ...]:
    numbers = {
        f"{index}/scans": scans,
        f"{index}/bytes": 1e6,
        f"{TABLE}/seq_scan": whole,
        f"{TABLE}/rows": rows,
    }
    return ask(postgresql_vector_index, postgresql=(FiguresFact("vector-db", numbers),))


@pytest.mark.parametrize(
    ("scans", "whole", "rows", "status"),
    [
        (0, 99, 1e6, Status.SKIP),
        (0, 1000, 9_999, Status.SKIP),
        (0, 100, 10_000, Status.WARN),
        (1, 1000, 1e6, Status.PASS),
    ],
)
def test_a_small_table_is_read_as_quickly_without(
    scans: float, whole: float, rows: float, status: Status
) -> None:
    (one,) = found(scans, whole, rows)
    assert one.status is status


def test_other_indexes_are_not_its_affair() -> None:
    assert found(0, 1000, 1e6, "index/public.vector_embeddings.other_pkey") == ()


def test_it_says_why_an_index_goes_unused() -> None:
    (one,) = found(0, 500, 1e6)
    assert "another distance" in one.cause
    assert one.evidence == ("1,000,000 rows", "idx_scan 0", "seq_scan 500")
