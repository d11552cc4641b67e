"""Endpoints that give no answer."""

from __future__ import annotations

from tests.support.findings import ask
from toolkit.checking import Status
from toolkit.checks.endpoint_answers import endpoint_answers
from toolkit.facts import ContainerFact, EndpointFact

RUNS = (ContainerFact("llm-fast", "id", "x", "running", "healthy"),)
LOADS = (ContainerFact("llm-fast", "id", "x", "running", "starting"),)


def test_answers() -> None:
    (found,) = ask(
        endpoint_answers, containers=RUNS, endpoints=(EndpointFact("llm-fast", "/health", 200, 0.01),)
    )
    assert (found.status, found.observed) == (Status.PASS, "/health: 200 in 0.01 s")


def test_none() -> None:
    away = EndpointFact("llm-fast", "/health", 0, 2.5, refusal="timed out")
    refused = EndpointFact("llm-fast", "/v1/models", 503, 0.1, "no engine")
    one, other = ask(endpoint_answers, containers=RUNS, endpoints=(away, refused))
    assert (one.status, one.observed, one.cause) == (
        Status.FAIL,
        "/health: no answer within 2.5 s",
        "timed out",
    )
    assert (other.status, other.evidence) == (Status.FAIL, ("no engine",))


def test_while_it_loads_that_is_expected() -> None:
    away = EndpointFact("llm-fast", "/health", 0, 0.0, refusal="refused")
    (found,) = ask(endpoint_answers, containers=LOADS, endpoints=(away,))
    assert (found.status, found.cause) == (Status.SKIP, "it is still loading")
