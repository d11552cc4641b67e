"""postgresql.cache_hits: blocks from memory."""

from __future__ import annotations

import pytest

from tests.support.findings import ask
from toolkit.checking import Status
from toolkit.checks.postgresql_cache_hits import postgresql_cache_hits
from toolkit.facts import FiguresFact


@pytest.mark.parametrize(
    ("hit", "read", "status"),
    [(10, 90, Status.SKIP), (990_000, 10_000, Status.PASS), (989_999, 10_001, Status.WARN)],
)
def test_one_of_a_hundred_may_come_from_disk(hit: float, read: float, status: Status) -> None:
    figures = FiguresFact("vector-db", {"blks_hit": hit, "blks_read": read}, {"shared_buffers": "128MB"})
    (one,) = ask(postgresql_cache_hits, postgresql=(figures,))
    assert one.status is status
    assert ("shared_buffers 128MB" in one.evidence) is (status is Status.WARN)
