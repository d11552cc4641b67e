"""edge.retries: asked again, or elsewhere."""

from __future__ import annotations

import pytest

from tests.support.findings import ask
from toolkit.checking import Finding, Status
from toolkit.checks.edge_retries import edge_retries
from toolkit.facts import FiguresFact


def found(proxy: str, total: float, again: float, elsewhere: float = 0) -> Finding:
    numbers = {
        f"{proxy}/BACKEND/stot": total,
        f"{proxy}/BACKEND/wretr": again,
        f"{proxy}/BACKEND/wredis": elsewhere,
        f"{proxy}/own/stot": total,
    }
    (one,) = ask(edge_retries, edge_stats=(FiguresFact("edge", numbers),))
    return one


@pytest.mark.parametrize(
    ("total", "again", "elsewhere", "status"),
    [(99, 99, 0, Status.SKIP), (1000, 10, 0, Status.PASS), (1000, 6, 5, Status.WARN)],
)
def test_both_kinds_count(total: float, again: float, elsewhere: float, status: Status) -> None:
    assert found("ask:llm-general", total, again, elsewhere).status is status


def test_it_concerns_the_service_behind() -> None:
    one = found("ask:llm-fast", 1000, 500)
    assert one.concerns == ("edge", "llm-fast")
    assert one.remedy.endswith("toolkit logs llm-fast")
