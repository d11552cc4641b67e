"""edge.backends: by the edge's own checks."""

from __future__ import annotations

import pytest

from tests.support.findings import ask
from toolkit.checking import Finding, Status
from toolkit.checks.edge_backends import edge_backends
from toolkit.facts import ContainerFact, FiguresFact


def found(health: str = "healthy", **status: str) -> tuple[Finding, ...]:
    texts = {f"llm-general/{server}/status": text for server, text in status.items()}
    texts |= {"ask:llm-general/BACKEND/status": "UP", "edge/FRONTEND/status": "OPEN"}
    container = ContainerFact("llm-general", "id", "name", "running", health)
    return ask(edge_backends, edge_stats=(FiguresFact("edge", {}, texts),), containers=(container,))


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ({"BACKEND": "UP", "one": "UP", "two": "UP 1/2"}, Status.PASS),
        ({"BACKEND": "UP", "one": "UP", "two": "DOWN"}, Status.WARN),
        ({"BACKEND": "UP", "one": "no check"}, Status.PASS),
        ({"BACKEND": "DOWN", "one": "DOWN", "two": "MAINT"}, Status.FAIL),
    ],
)
def test_some_out_is_a_warning_all_out_a_failure(status: dict[str, str], expected: Status) -> None:
    (one,) = found(**status)
    assert (one.subject, one.status) == ("llm-general", expected)


def test_it_names_who_is_out() -> None:
    (one,) = found(BACKEND="UP", one="UP", two="DOWN")
    assert one.observed == "the edge is without two"
    assert "llm-general/two: DOWN" in one.evidence


def test_a_model_that_loads_is_not_judged() -> None:
    (one,) = found(health="starting", BACKEND="DOWN", one="DOWN")
    assert (one.status, one.observed) == (Status.SKIP, "it is still loading")
