"""A model server of the running stack dies under load: only streams that had begun notice."""

from __future__ import annotations

import os
import re
import signal
import time
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from tests.support.engine import docker, inspect, logs, until
from tests.support.load import Load
from tests.support.stack import SERVICES
from tests.support.under_load import Toll, under_load

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.stack import Stack

pytestmark = pytest.mark.engine
_ENDED = re.compile(r"^(\S+) .* server=(\S+) .* wait_ms=(-?\d+) .* total_ms=(\d+)", re.MULTILINE)
_ANSWERED = re.compile(r'^(\S+) .*?([\d.]+):\d+ - "POST \S+ HTTP/1.1" 200', re.MULTILINE)
# The engine stamps a line when it reads it: a moment after it was written, and on a busy machine a while.
_STAMP_S = 1.0


def kill_process(container: str) -> None:
    """Kill the container's first process from outside, as the kernel would: the engine starts it again."""
    pid = inspect(container)["State"]["Pid"]
    assert pid > 1
    os.kill(pid, signal.SIGKILL)


def kill_container(container: str) -> None:
    """Have the engine kill it: then it stays down."""
    docker("kill", container)


def kill_under_load(stack: Stack, model: str, kill: Callable[[str], None]) -> Toll:
    """Kill the model's own server under 16 plain and 16 streamed requests; return what that cost."""

    def killed() -> tuple[float, float]:
        before = time.monotonic()
        kill(stack.container(f"llm-{model}"))
        return before, time.monotonic()

    # Long streams: whenever the end comes, some have begun.
    plain = Load(stack.url, stack.key(), model, 16, 0, max_tokens=64, extra={"ignore_eos": True})
    streams = Load(stack.url, stack.key(), model, 0, 16, max_tokens=320, extra={"ignore_eos": True})
    results, (before, after) = under_load([plain, streams], killed)
    early = {result.served_by for result in results if result.ended_at < before}
    late = {result.served_by for result in results if not result.failed and result.began_at > after}
    assert early == {f"llm-{model}"}
    assert late == {{"general": "llm-fast", "fast": "llm-general"}[model]}
    return Toll.of(results, before)


def assert_only_begun_answers_suffered(toll: Toll) -> None:
    toll.assert_only_begun_answers_suffered()
    # The kill met requests of both kinds; how many answers had begun by then is the scheduler's matter.
    assert toll.running_plain >= 8
    assert toll.running_streams >= 8


def served_by(stack: Stack, model: str) -> str:
    with stack.client() as client:
        answer = client.post("/v1/completions", json={"model": model, "prompt": "1", "max_tokens": 1})
    assert answer.status_code == 200, answer.text
    return answer.headers["x-served-by"]


def seconds(stamp: str) -> float:
    """Return Unix seconds of the engine's stamp, which has nanoseconds."""
    whole, _, rest = stamp.rstrip("Z").partition(".")
    return datetime.fromisoformat(f"{whole}+00:00").timestamp() + float(f"0.{rest}")


def assert_nobody_met_it_unanswered(stack: Stack, service: str) -> None:
    """The first answer of its present life is the health check's, and the edge gave it nothing before."""
    started = inspect(stack.container(service))["State"]["StartedAt"]
    answers = [m for m in _ANSWERED.findall(logs(stack.container(service))) if m[0] > started]
    first, client = answers[0]
    assert client == "127.0.0.1"
    served = [m for m in _ENDED.findall(logs(stack.container("edge"))) if m[1] == service and m[0] > started]
    given = [
        seconds(ended) - int(total) / 1000 + max(int(wait), 0) / 1000 for ended, _, wait, total in served
    ]
    assert len(given) >= 1
    assert min(given) >= seconds(first) - _STAMP_S, (min(given), first)


def test_a_killed_process_comes_back_by_itself(stack: Stack) -> None:
    before = inspect(stack.container("llm-general"))
    toll = kill_under_load(stack, "general", kill_process)
    load = Load(stack.url, stack.key(), "general", 1, 1, max_tokens=8)
    began = time.monotonic()
    results, _ = under_load(
        [load],
        lambda: until(lambda: served_by(stack, "general") == "llm-general", "it serves again", 180, 0.2),
        before=1,
    )
    print(f"kill -9 of llm-general: {toll}; back after {time.monotonic() - began + 1:.0f} s")
    assert_only_begun_answers_suffered(toll)
    assert [result for result in results if result.failed] == []
    servers = [result.served_by for result in results]
    assert "llm-fast" in servers
    assert set(servers[-4:]) == {"llm-general"}
    after = inspect(stack.container("llm-general"))
    assert (after["Id"], after["RestartCount"]) == (before["Id"], before["RestartCount"] + 1)
    assert_nobody_met_it_unanswered(stack, "llm-general")
    until(
        lambda: inspect(stack.container("llm-general"))["State"]["Health"]["Status"] == "healthy",
        "healthy",
        90,
    )
    assert stack.toolkit("status").out.count("healthy") == len(SERVICES)


def test_a_killed_container_is_started_again_by_up(stack: Stack) -> None:
    others = {service: life for service, life in stack.lives().items() if service != "llm-fast"}
    toll = kill_under_load(stack, "fast", kill_container)
    print(f"docker kill of llm-fast: {toll}")
    assert_only_begun_answers_suffered(toll)
    assert "llm-fast" in stack.toolkit("status", code=1).out
    assert served_by(stack, "fast") == "llm-general"

    load = Load(stack.url, stack.key(), "fast", 1, 1, max_tokens=8)
    results, done = under_load([load], lambda: stack.up("--wait=models"), before=1)

    assert [(action["service"], action["kind"]) for action in done["actions"]] == [("llm-fast", "start")]
    assert "exit code 137" in done["actions"][0]["cause"]
    assert done["completions"]["fast"]["served_by"] == "llm-fast"
    assert [result for result in results if result.failed] == []
    assert results[0].served_by == "llm-general"
    assert results[-1].served_by == "llm-fast"
    assert_nobody_met_it_unanswered(stack, "llm-fast")
    assert {service: life for service, life in stack.lives().items() if service != "llm-fast"} == others
