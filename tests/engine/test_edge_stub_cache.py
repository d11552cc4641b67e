"""A real HAProxy and a real nginx behind it: what is answered from the cache, what never is, what its death costs."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.support.edge_lab import KEY, EdgeLab, docker, edge_lab, until
from tests.support.edge_project import MODELS
from toolkit.planning.edge import EdgeCache
from toolkit.values import replace

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.engine
GREEDY: dict[str, Any] = {"temperature": 0}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeLab]:
    with edge_lab(tmp_path_factory.mktemp("edge"), cache=EdgeCache("one", stand_in_s=1)) as running:
        running.make_ready()
        until(lambda: cached(running, "start").headers["x-cache"] == "HIT", "the cache is in use")
        yield running


@pytest.fixture
def question(request: pytest.FixtureRequest) -> str:
    """A question that no other test asks."""
    return str(request.node.name)


def cached(lab: EdgeLab, question: str, **extra: Any) -> httpx.Response:
    return lab.ask(**GREEDY, user=question, **extra)


def passed(lab: EdgeLab) -> list[dict[str, Any]]:
    """What the cache has logged."""
    lines = docker("logs", lab.container("response-cache")).splitlines()
    return [json.loads(line) for line in lines if line.startswith("{")]


def test_the_same_question_is_answered_once(lab: EdgeLab, question: str) -> None:
    lab.tell("general", "/forget")
    first, second = cached(lab, question), cached(lab, question)
    assert [answer.headers["x-cache"] for answer in (first, second)] == ["MISS", "HIT"]
    assert second.content == first.content
    assert second.headers["x-served-by"] == "llm-general"
    assert lab.counts("general")["asked"] == 1
    assert {"authorization", "x-edge-key", "x-edge-to"} & set(first.json()["headers"]) == set()


@pytest.mark.parametrize(
    "same", [{"temperature": 0.0}, {"stream": False}, {"stream": None}, {"n": 1}], ids=str
)
def test_what_says_the_same_is_kept(lab: EdgeLab, question: str, same: dict[str, Any]) -> None:
    answers = [lab.ask(user=question, **{**GREEDY, **same}) for _ in range(2)]
    assert [answer.headers["x-cache"] for answer in answers] == ["MISS", "HIT"]


@pytest.mark.parametrize(
    "other",
    [{"temperature": 0.7}, {"temperature": None}, {"stream": True}, {"n": 2}, {"temperature": 1e-9}],
    ids=str,
)
def test_what_may_be_answered_otherwise_never_sees_the_cache(
    lab: EdgeLab, question: str, other: dict[str, Any]
) -> None:
    before = len(passed(lab))
    answers = [lab.ask(user=question, **{**GREEDY, **other}) for _ in range(2)]
    assert [answer.headers["x-cache"] for answer in answers] == ["BYPASS", "BYPASS"]
    assert len(passed(lab)) == before


def test_nobody_gets_what_another_key_asked(lab: EdgeLab, question: str) -> None:
    digest = hashlib.sha256(b"sk-another").hexdigest()
    lab.admin.add_key(digest, "another", lab.deadline())
    answers = [cached(lab, question, key=key) for key in (KEY, "sk-another", "sk-wrong")]
    assert [answer.headers.get("x-cache") for answer in answers] == ["MISS", "MISS", None]
    assert answers[2].status_code == 401


def test_a_client_cannot_make_a_key(lab: EdgeLab, question: str) -> None:
    headers = {"Authorization": f"Bearer {KEY}", "x-edge-key": question, "x-edge-to": "ask:llm-fast"}
    body = {"model": "general", "user": question}
    answer = httpx.post(f"{lab.url}/v1/chat/completions", json=body, headers=headers)
    assert (answer.headers["x-cache"], answer.headers["x-served-by"]) == ("BYPASS", "llm-general")


def test_fifty_at_once_are_one_to_the_model(lab: EdgeLab, question: str) -> None:
    lab.tell("general", "/forget")
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: cached(lab, question, stub={"delay_s": 1.0}), range(50)))
    assert {answer.status_code for answer in answers} == {200}
    assert lab.counts("general")["asked"] == 1


@pytest.mark.parametrize("status", [400, 429, 500])
def test_errors_are_not_kept(lab: EdgeLab, question: str, status: int) -> None:
    answers = [cached(lab, question, stub={"status": status}) for _ in range(2)]
    assert [(answer.status_code, answer.headers["x-cache"]) for answer in answers] == [(status, "MISS")] * 2


def test_a_stand_in_s_answer_is_kept_for_a_moment_only(lab: EdgeLab, question: str) -> None:
    lab.tell("general", "/busy")
    assert cached(lab, question).headers["x-served-by"] == "llm-fast"
    lab.tell("general", "/normal")
    until(
        lambda: cached(lab, question).headers["x-served-by"] == "llm-general", "the own answer is asked for"
    )


def test_a_new_generation_of_models_has_its_own_answers(lab: EdgeLab, question: str) -> None:
    cached(lab, question)
    lab.admin.reload(lab.write_config(cache=EdgeCache("two", stand_in_s=1)), lab.deadline())
    assert cached(lab, question).headers["x-cache"] == "MISS"
    lab.admin.reload(lab.write_config(), lab.deadline())
    assert cached(lab, question).headers["x-cache"] == "HIT"


def test_an_embedding_needs_no_temperature(lab: EdgeLab, question: str) -> None:
    pools = tuple(replace(pool, pooling=pool.model == "fast") for pool in lab.values.pools)
    lab.admin.reload(lab.write_config(pools=pools), lab.deadline())
    answers = [lab.post("/v1/embeddings", model="fast", input=question) for _ in range(2)]
    assert [answer.headers["x-cache"] for answer in answers] == ["MISS", "HIT"]
    lab.admin.reload(lab.write_config(), lab.deadline())


def test_the_list_of_models_is_kept_for_seconds(lab: EdgeLab) -> None:
    headers = {"Authorization": f"Bearer {KEY}"}
    until(lambda: _models(lab, headers).headers["x-cache"] == "HIT", "the list is kept")
    assert httpx.get(f"{lab.url}/v1/models").status_code == 401


def _models(lab: EdgeLab, headers: dict[str, str]) -> httpx.Response:
    answer = httpx.get(f"{lab.url}/v1/models", headers=headers)
    assert {entry["id"] for entry in answer.json()["data"]} == set(MODELS)
    return answer


def test_old_answers_serve_while_no_model_does(lab: EdgeLab, question: str) -> None:
    lab.write_cache_config(ttl_s=1.0)
    docker("restart", "-t", "1", lab.container("response-cache"))
    until(lambda: cached(lab, "back").headers["x-cache"] == "HIT", "the cache is back")
    cached(lab, question)
    for model in MODELS:
        lab.tell(model, "/busy")
    try:
        until(lambda: cached(lab, question).headers["x-cache"] == "STALE", "an old answer serves")
        assert cached(lab, f"{question}, never asked before").status_code == 503
    finally:
        for model in MODELS:
            lab.tell(model, "/normal")


def test_the_container_is_closed(lab: EdgeLab) -> None:
    cache = lab.container("response-cache")
    until(lambda: docker("inspect", "-f", "{{.State.Health.Status}}", cache) == "healthy", "healthy")
    assert docker("inspect", "-f", "{{.HostConfig.NetworkMode}}", cache) == "none"
    assert docker("exec", cache, "sh", "-c", "touch /x 2>/dev/null || id -u") == "101"
    owners = docker("exec", cache, "sh", "-c", "cd /run/edge-sockets && stat -c '%a %u %n' *")
    assert owners.split("\n") == ["666 101 cache.sock", "666 99 edge.sock"]
    mounted = docker("ps", "--all", "--quiet", "--filter", f"volume={lab.project}_sockets").split()
    assert len(mounted) == 2
