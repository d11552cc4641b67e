"""Production on this machine, every service that has an image here: it caches, shares out, survives, and limits."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.engine import docker, inside, inspect
from tests.support.load import Load
from tests.support.models import lend
from tests.support.stack import HEALTHY_SOON, TINY, Stack, gone_at_the_end
from tests.support.under_load import Toll, under_load
from toolkit.planning.build import build_plan
from toolkit.profile.load import load_profile
from toolkit.resources import resource_dir

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

pytestmark = pytest.mark.engine
PLACES = 4
# More than both replicas take at once, so that requests wait.
CLIENTS = 16
HEALTH = ["python3", "-S", "/app.py", "health"]


@pytest.fixture(scope="module")
def production(application_image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Two servers of `general`, one of `fast`, data tier, cache, Prometheus, two replicas of an application."""
    running = Stack(
        tmp_path_factory.mktemp("production"),
        "production",
        llm_general={**TINY, "replicas": 2, "flags": {"max_num_seqs": PLACES}},
        vector_db=HEALTHY_SOON,
        response_cache=HEALTHY_SOON,
        api_server={
            "image": application_image,
            "health_command": HEALTH,
            "replicas": 2,
            "route": "/api",
            "health": HEALTHY_SOON["health"],
        },
    )
    with gone_at_the_end(lend(running)) as stack:
        stack.up()
        yield stack


def ask(stack: Stack, **changes: Any) -> httpx.Response:
    body = {"model": "general", "prompt": "hello", "max_tokens": 8, "temperature": 0, **changes}
    with stack.client() as client:
        return client.post("/v1/completions", json=body)


def finished(stack: Stack, service: str) -> int:
    """Return how many requests a model server has finished."""
    text = inside(stack.container(service), "curl", "-s", "http://127.0.0.1:8000/metrics").stdout
    counted = (line.rpartition(" ")[2] for line in text.splitlines() if "request_success_total{" in line)
    return round(sum(float(value) for value in counted))


def of_general(stack: Stack) -> int:
    return finished(stack, "llm-general") + finished(stack, "llm-general-2")


def test_all_of_it_is_there_within_the_limits_of_the_plan(production: Stack) -> None:
    settings = load_profile(
        production.directory,
        environment="production",
        hardware=None,
        sets=(),
        profiles_dir=resource_dir("profiles"),
    ).settings
    plan = build_plan(settings)
    names = {service.name for service in plan.services}
    assert {"llm-general", "llm-general-2", "llm-fast", "edge", "response-cache", "prometheus"} <= names
    assert {"redis", "mariadb", "vector-db", "api-server"} <= names
    for service in plan.services:
        host = inspect(production.container(service.name))["HostConfig"]
        assert host["Memory"] == service.memory_bytes, service.name
        assert host["NanoCpus"] == round(service.cpus * 1e9), service.name
    assert sum(s.memory_bytes * s.replicas for s in plan.services) <= plan.hosts[0].memory_bytes


def test_the_same_question_twice_is_answered_from_the_cache(production: Stack) -> None:
    prompt = f"asked twice {time.monotonic_ns()}"
    first, second = ask(production, prompt=prompt), ask(production, prompt=prompt)
    assert (first.status_code, first.headers["x-cache"]) == (200, "MISS")
    assert (second.status_code, second.headers["x-cache"]) == (200, "HIT")
    assert second.content == first.content
    free = ask(production, prompt=prompt, temperature=0.7)
    assert free.headers.get("x-cache") not in {"HIT", "MISS"}


def test_of_fifty_at_once_one_reaches_the_model(production: Stack) -> None:
    prompt, before = f"asked by fifty {time.monotonic_ns()}", of_general(production)
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: ask(production, prompt=prompt, max_tokens=64), range(50)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert of_general(production) - before == 1


def test_the_death_of_the_cache_costs_no_request(production: Stack) -> None:
    load = Load(production.url, production.key(), "general", plain=8, extra={"temperature": 0}, varied=True)

    def kill() -> float:
        docker("kill", production.container("response-cache"))
        return time.monotonic()

    results, died_at = under_load([load], kill, after=4)
    failed = [result for result in results if result.failed]
    print(f"cache killed: {len(results)} requests, {len(failed)} failed")
    assert failed == []
    assert any(result.began_at > died_at for result in results)


def test_a_rolling_change_under_streams_costs_no_request(production: Stack) -> None:
    production.toolkit("up", "--wait=models", "--quiet")
    before = production.lives()
    production.sets.append(f"services.llm_general.flags.max_num_seqs={PLACES + 1}")
    load = Load(
        production.url, production.key(), "general", 0, 16, max_tokens=128, extra={"ignore_eos": True}
    )
    results, done = under_load([load], lambda: production.up("--wait=models"))

    failed = [result for result in results if result.failed]
    served = Counter(result.served_by for result in results)
    print(
        f"rolling change: {len(results)} streams of {load.max_tokens} tokens, {len(failed)} failed, "
        f"by {dict(served)}; roll {done['phases_s']['roll']:.0f} s; outages {done['outages_s']}"
    )
    assert failed == []
    assert len(results) > 2 * 16
    assert set(served) == {"llm-general", "llm-general-2"}
    assert {one["service"]: one["kind"] for one in done["actions"]} == {
        "llm-general": "recreate",
        "llm-general-2": "recreate",
    }
    assert done["outages_s"] == {}
    after = production.lives()
    assert {name for name in before if before[name] != after[name]} == {"llm-general", "llm-general-2"}
    for service in ("llm-general", "llm-general-2"):
        words = inspect(production.container(service))["Args"]
        assert words[words.index("--max-num-seqs") + 1] == str(PLACES + 1)


def test_a_user_stays_at_one_replica_of_the_application(production: Stack) -> None:
    with production.client(None) as user:
        first = user.get("/api/x")
        assert first.status_code == 200
        assert "SERVERID" in user.cookies
        assert "HttpOnly" in first.headers["set-cookie"]
        assert {user.get("/api/x").json()["host"] for _ in range(8)} == {first.json()["host"]}
    hosts = set()
    for _ in range(8):
        with production.client(None) as stranger:
            hosts.add(stranger.get("/api/x").json()["host"])
    assert len(hosts) == 2


def test_who_asks_too_often_is_told_when_to_come_back(production: Stack) -> None:
    production.sets.append("services.edge.rate_limit.requests=5")
    production.toolkit("up", "--quiet")
    answers = [ask(production, temperature=0.5, max_tokens=1) for _ in range(9)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert refused[0].json()["error"]["code"] == "rate_limit_exceeded"
    assert int(refused[0].headers["retry-after"]) >= 1
    production.sets.pop()
    production.toolkit("up", "--quiet")


# The last one: nobody brings the server up again. Which of two equal ones dies makes no difference to the edge; stub
# servers show it for both.
def test_a_replica_dies_and_no_request_fails_that_had_no_answer_yet(production: Stack) -> None:
    production.toolkit("up", "--wait=models", "--quiet")
    load = Load(production.url, production.key(), "general", plain=CLIENTS, max_tokens=64, varied=True)

    def kill() -> float:
        docker("kill", production.container("llm-general-2"))
        return time.monotonic()

    results, died_at = under_load([load], kill)
    toll = Toll.of(results, died_at)
    served = Counter(result.served_by for result in results if result.began_at < died_at)
    print(f"llm-general-2 killed: {toll}; before: {dict(served)}")
    assert toll.running_plain > 2 * PLACES
    toll.assert_only_begun_answers_suffered()
    assert {"llm-general", "llm-general-2"} <= set(served)
    assert "llm-fast" not in served
