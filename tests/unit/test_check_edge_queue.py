"""edge.queue: time in HAProxy's own queue."""

from __future__ import annotations

import pytest

from tests.support.findings import ask
from toolkit.checking import Finding, Status
from toolkit.checks.edge_queue import edge_queue
from toolkit.facts import FiguresFact


def found(waited_ms: float, total: float) -> tuple[Finding, ...]:
    numbers = {
        "llm-general/BACKEND/qtime": waited_ms,
        "llm-general/BACKEND/stot": total,
        "llm-general/BACKEND/qcur": 3.0,
        "llm-general/llm-general/qtime": 9e9,
    }
    return ask(edge_queue, edge_stats=(FiguresFact("edge", numbers),))


@pytest.mark.parametrize(
    ("waited_ms", "status"), [(0, Status.PASS), (1000, Status.PASS), (1001, Status.WARN)]
)
def test_a_second_is_too_long(waited_ms: float, status: Status) -> None:
    (one,) = found(waited_ms, 1000)
    assert one.status is status


def test_a_few_requests_have_no_average() -> None:
    assert found(5000, 99) == ()
