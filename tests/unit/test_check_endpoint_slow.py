"""Endpoints that take their time."""

from __future__ import annotations

from tests.support.findings import ask
from toolkit.checking import Status
from toolkit.checks.endpoint_slow import endpoint_slow
from toolkit.facts import EndpointFact


def test_two_seconds_are_too_long() -> None:
    seen = (
        EndpointFact("edge", "/healthz", 200, 2.4),
        EndpointFact("llm-fast", "/health", 200, 1.9),
        EndpointFact("llm-fast", "/metrics", 0, 2.5, refusal="timed out"),
    )
    slow, good = ask(endpoint_slow, endpoints=seen)
    assert (slow.subject, slow.status) == ("edge", Status.WARN)
    assert (good.subject, good.status) == ("llm-fast", Status.PASS)
