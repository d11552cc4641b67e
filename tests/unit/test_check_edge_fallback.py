"""edge.fallback: answered by another model."""

from __future__ import annotations

import pytest

from tests.support.findings import ask
from toolkit.checking import Finding, Status
from toolkit.checks.edge_fallback import edge_fallback
from toolkit.facts import FiguresFact


def found(own: float, other: float) -> Finding:
    numbers = {
        "ask:llm-general/BACKEND/stot": own + other,
        "ask:llm-general/own/stot": own,
        "ask:llm-general/other/stot": other,
        "llm-general/BACKEND/stot": own,
    }
    (one,) = ask(edge_fallback, edge_stats=(FiguresFact("edge", numbers),))
    return one


@pytest.mark.parametrize(
    ("own", "other", "status"), [(50, 49, Status.SKIP), (990, 10, Status.PASS), (980, 20, Status.WARN)]
)
def test_one_of_a_hundred_may_be(own: float, other: float, status: Status) -> None:
    assert found(own, other).status is status


def test_it_says_for_whom() -> None:
    one = found(500, 500)
    assert (one.subject, one.observed) == ("llm-general", "answered by its stand-in: 50% of 1,000")
    assert "ask:llm-general/other/stot 500" in one.evidence
