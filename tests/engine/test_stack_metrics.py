"""Prometheus in the stack: every target up, the labels that say whose samples they are, reachable by nobody else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from tests.support.engine import inside, inspect, until

if TYPE_CHECKING:
    from tests.support.stack import Stack

pytestmark = pytest.mark.engine
TARGETS = ("edge", "llm-fast", "llm-general", "prometheus")


def ask(stack: Stack, path: str) -> Any:
    """Return what Prometheus answers to a question from inside its container."""
    url = f"http://127.0.0.1:9090/api/v1/{path}"
    done = inside(stack.container("prometheus"), "wget", "-q", "-O", "-", url)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["data"]


def samples(stack: Stack, query: str) -> dict[str, float]:
    """Return the value of an instant query by the label `service`."""
    found = ask(stack, f"query?query={quote(query)}")["result"]
    return {one["metric"]["service"]: float(one["value"][1]) for one in found}


def test_every_target_is_up(stack: Stack) -> None:
    until(lambda: samples(stack, "up") == dict.fromkeys(TARGETS, 1.0), "every target to be up")

    targets = ask(stack, "targets")["activeTargets"]
    assert {t["labels"]["service"]: t["labels"]["environment"] for t in targets} == dict.fromkeys(
        TARGETS, stack.environment
    )
    assert [t["lastError"] for t in targets] == [""] * len(TARGETS)


def test_it_has_the_figures_of_every_part(stack: Stack) -> None:
    # Each server has answered at least its own health check, and the edge the proof of `up`.
    answered = 'sum by (service) (vllm:request_success_total{finished_reason=~"stop|length"}) > 0'
    until(lambda: set(samples(stack, answered)) == {"llm-fast", "llm-general"}, "answers of both models")
    until(
        lambda: "edge" in samples(stack, "sum by (service) (haproxy_frontend_http_requests_total) > 0"),
        "requests",
    )


def test_a_query_that_would_not_fit_is_refused(stack: Stack) -> None:
    flags = ask(stack, "status/flags")
    assert int(flags["query.max-samples"]) < 3_000_000
    assert (flags["storage.tsdb.retention.time"], flags["storage.tsdb.retention.size"]) == ("15d", "2GiB")


def test_it_is_published_nowhere_and_locked_in(stack: Stack) -> None:
    found = inspect(stack.container("prometheus"))
    assert not any(found["NetworkSettings"]["Ports"].values())
    assert list(found["NetworkSettings"]["Networks"]) == [f"{stack.project}_inference"]
    assert found["Config"]["User"] == "65534:65534"
    assert found["HostConfig"]["ReadonlyRootfs"]
    assert found["HostConfig"]["CapDrop"] == ["ALL"]
