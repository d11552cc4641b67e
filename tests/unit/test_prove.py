"""The proof that the stack serves: only an answer of a model's own server counts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support.clocks import HandClock
from tests.support.http_double import Answers, response
from tests.support.plans import plan, service
from toolkit.clock import Deadline
from toolkit.errors import ServiceFailedError
from toolkit.planning.plan import ModelEndpoint
from toolkit.probes.http import Endpoint
from toolkit.routines.prove import MAX_TOKENS, PROMPT, edge_url, prove
from toolkit.values import replace

if TYPE_CHECKING:
    from tests.support.http_double import Request, Response

GENERAL = ModelEndpoint("general", ("llm-general",), "fast")
FAST = ModelEndpoint("fast", ("llm-fast",), "general")
LOADING = (503, "", '{"error": {"message": "No model is ready"}}')


def completion(served_by: str) -> tuple[int, str, str]:
    body = {"model": "general", "choices": [{"message": {"content": "I am."}}]}
    return 200, served_by, json.dumps(body)


class Edge:
    """An edge that answers from a script, each wait a second long."""

    def __init__(self, *script: tuple[int, str, str]) -> None:
        self.script = list(script)
        self.asked: list[dict[str, object]] = []
        self.waits = 0
        self.clock = HandClock()

    def answer(self, request: Request) -> Response:
        self.asked.append(json.loads(request.body))
        status, served_by, text = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        return response(status, text=text, headers={"x-served-by": served_by} if served_by else {})

    def wait(self) -> None:
        self.waits += 1
        self.clock.pass_by(1.0)

    def prove(self, *models: ModelEndpoint) -> dict[str, str]:
        endpoint = Endpoint("http://edge", "sk-1", Answers(self.answer))
        proven = prove(endpoint, models, self.wait, Deadline.after(3.0, self.clock))
        return {name: answer.served_by for name, answer in proven.items()}


def test_each_model_is_asked_once_when_all_is_well() -> None:
    edge = Edge(completion("llm-general"), completion("llm-fast"))

    assert edge.prove(GENERAL, FAST) == {"general": "llm-general", "fast": "llm-fast"}
    assert [(asked["model"], asked["max_tokens"]) for asked in edge.asked] == [
        ("general", MAX_TOKENS),
        ("fast", MAX_TOKENS),
    ]
    assert edge.asked[0]["messages"] == [{"role": "user", "content": PROMPT}]
    assert edge.waits == 0


@pytest.mark.parametrize("first", [LOADING, (502, "", ""), completion("llm-fast")])
def test_before_the_own_server_is_admitted_it_asks_again(first: tuple[int, str, str]) -> None:
    edge = Edge(first, completion("llm-general"))

    assert edge.prove(GENERAL) == {"general": "llm-general"}
    assert edge.waits == 1


@pytest.mark.parametrize(
    ("answer", "got"),
    [
        (LOADING, "HTTP 503: No model is ready"),
        (completion("llm-fast"), "answered by the stand-in llm-fast"),
    ],
)
def test_at_the_deadline_the_edge_s_own_words_are_told(answer: tuple[int, str, str], got: str) -> None:
    edge = Edge(answer)

    with pytest.raises(ServiceFailedError) as caught:
        edge.prove(GENERAL)

    assert edge.waits == 3
    assert f"   got: {got}\n" in str(caught.value)


def test_an_answer_that_waiting_does_not_change_is_told_at_once() -> None:
    edge = Edge((401, "", '{"error": {"message": "Missing or incorrect API key"}}'))

    with pytest.raises(ServiceFailedError) as caught:
        edge.prove(GENERAL)

    assert edge.waits == 0
    assert str(caught.value) == (
        "edge: no answer of `general` by llm-general through the edge\n"
        "   got: HTTP 401: Missing or incorrect API key\n"
        "  next: see what the edge and the server say: toolkit logs edge llm-general"
    )


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8001"),
        ("0.0.0.0", "http://127.0.0.1:8001"),
        ("192.168.1.5", "http://192.168.1.5:8001"),
        ("::", "http://[::1]:8001"),
        ("::1", "http://[::1]:8001"),
    ],
)
def test_the_edge_is_reached_from_this_machine(address: str, url: str) -> None:
    edge = service("edge", f'services.edge.address="{address}"')
    assert edge_url(edge, plan().hosts[0]) == url


@pytest.mark.parametrize(
    ("address", "engine", "url"),
    [
        ("10.0.0.1", "ssh://me@10.0.0.1", "http://10.0.0.1:8001"),
        ("0.0.0.0", "ssh://me@10.0.0.1", "http://10.0.0.1:8001"),
        ("127.0.0.1", "ssh://me@10.0.0.1", ""),
        ("127.0.0.1", "tcp://10.0.0.1:2376", ""),
        ("127.0.0.1", "unix:///run/user/1000/docker.sock", "http://127.0.0.1:8001"),
    ],
)
def test_the_edge_of_another_machine_is_reached_at_its_private_address(
    address: str, engine: str, url: str
) -> None:
    edge = service("edge", f'services.edge.address="{address}"')
    host = replace(plan().hosts[0], engine=engine, address="10.0.0.1")
    assert edge_url(edge, host) == url


def test_the_edge_for_another_host_is_reached_at_its_private_address() -> None:
    edge = service("edge", machine="two-hosts")
    ports = [(port.host_ip, port.host_port) for port in edge.ports]
    assert ports == [("127.0.0.1", 8001), ("10.0.0.1", 8001)]
    near = plan(machine="two-hosts").hosts[0]
    assert edge_url(edge, near) == "http://127.0.0.1:8001"
    assert edge_url(edge, replace(near, engine="ssh://10.0.0.1")) == "http://10.0.0.1:8001"


def vector(served_by: str) -> tuple[int, str, str]:
    return 200, served_by, json.dumps({"model": "embeddings", "data": [{"embedding": [0.1] * 8}]})


def test_a_model_of_vectors_is_asked_for_one_of_a_text_that_no_cache_can_have() -> None:
    pooling = ModelEndpoint("embeddings", ("embeddings",), None, pooling=True)
    edge = Edge(vector("embeddings"))

    assert edge.prove(pooling) == edge.prove(pooling) == {"embeddings": "embeddings"}
    first, second = (str(asked["input"]) for asked in edge.asked)
    assert first != second
    assert first.startswith(PROMPT)
