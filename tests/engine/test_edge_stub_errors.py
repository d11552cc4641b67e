"""A real HAProxy before stub servers: every refusal is a JSON object as OpenAI's clients expect it."""

from __future__ import annotations

import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx
import pytest

from tests.support.edge_lab import KEY, EdgeLab, edge_lab
from toolkit.values import replace

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.engine
CHAT = "/v1/chat/completions"
LIMIT = 6144 * 12


class Refusal(NamedTuple):
    """What is sent, and what has to come back."""

    method: str
    path: str
    key: str | None
    body: Any
    status: int
    code: str
    words: str


def general(**steer: Any) -> dict[str, Any]:
    return {"model": "general", "stub": steer}


REFUSALS = (
    Refusal("GET", "/v1/models", None, None, 401, "invalid_api_key", "Missing or incorrect API key"),
    Refusal("POST", CHAT, "sk-wrong", general(), 401, "invalid_api_key", "Missing or incorrect API key"),
    Refusal("GET", "/metrics", KEY, None, 404, "unknown_url", "Unknown request URL"),
    Refusal("POST", "/v1/embeddings", KEY, general(), 404, "unknown_url", "Unknown request URL"),
    Refusal("POST", "/v1/models/../../tokenize", KEY, {}, 404, "unknown_url", "Unknown request URL"),
    Refusal("GET", CHAT, KEY, None, 405, "method_not_allowed", "Only POST"),
    Refusal("POST", "/v1/models", KEY, {}, 405, "method_not_allowed", "Only GET"),
    Refusal("POST", CHAT, KEY, {"messages": []}, 400, "bad_request", 'JSON object with a "model"'),
    Refusal("POST", CHAT, KEY, {"model": "nobody"}, 404, "model_not_found", "/v1/models lists"),
    Refusal("POST", CHAT, KEY, general(broken=True), 502, "bad_gateway", "broke off"),
    Refusal("POST", CHAT, KEY, general(status=500, text="Oops"), 500, "internal_error", "failed"),
    Refusal("POST", CHAT, KEY, general(delay_s=2.5), 504, "timeout", '"stream": true'),
)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeLab]:
    with edge_lab(tmp_path_factory.mktemp("edge")) as running:
        running.make_ready()
        yield running


def send(lab: EdgeLab, method: str, path: str, key: str | None, **body: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return httpx.request(method, lab.url + path, headers=headers, timeout=15, **body)


def assert_error(answer: httpx.Response, status: int, code: str, words: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    error = answer.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert error["code"] == code
    assert words in error["message"]


@pytest.mark.parametrize("case", REFUSALS, ids=lambda case: f"{case.status}-{case.code}-{case.method}")
def test_refusals(lab: EdgeLab, case: Refusal) -> None:
    answer = send(lab, case.method, case.path, case.key, json=case.body)
    assert_error(answer, case.status, case.code, case.words)


def test_no_json_at_all_is_400(lab: EdgeLab) -> None:
    assert_error(send(lab, "POST", CHAT, KEY, content=b'{"model": "gen'), 400, "bad_request", "JSON object")


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize(("length", "status"), [(LIMIT, 200), (LIMIT + 1, 413), (10 * LIMIT, 413)])
def test_the_body_limit_is_exact(lab: EdgeLab, length: int, status: int, chunked: bool) -> None:
    head = b'{"model": "general", "x": "'
    body = head + b"a" * (length - len(head) - 2) + b'"}'
    parts = (body[at : at + 1000] for at in range(0, length, 1000))
    answer = send(lab, "POST", CHAT, KEY, content=parts if chunked else body)
    if status == 200:
        assert answer.json()["model"] == "general"
    else:
        assert_error(answer, 413, "request_too_large", f"at most {LIMIT} bytes")


def test_only_a_right_key_is_waited_for(lab: EdgeLab) -> None:
    status, elapsed_s = half_a_body(lab, KEY)
    assert (status, elapsed_s > 1.4) == (408, True)
    # A busy machine may be late by itself, but not each time.
    refused = [half_a_body(lab, "sk-wrong") for _ in range(5)]
    assert {status for status, _ in refused} == {401}
    assert min(elapsed_s for _, elapsed_s in refused) < 1.4


def half_a_body(lab: EdgeLab, key: str) -> tuple[int, float]:
    """Return the status that comes to a request whose body never does, and after how many seconds."""
    host, _, port = lab.url.removeprefix("http://").partition(":")
    head = f"POST {CHAT} HTTP/1.1\r\nHost: edge\r\nAuthorization: Bearer {key}\r\nContent-Length: 9\r\n\r\n"
    began = time.monotonic()
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall(head.encode() + b"{")
        answer = connection.recv(65536).decode()
    assert "error" in json.loads(answer.partition("\r\n\r\n")[2])
    return int(answer.split()[1]), time.monotonic() - began


def test_busy_servers_are_503_with_the_time_to_wait(lab: EdgeLab) -> None:
    for model in ("general", "fast"):
        lab.tell(model, "/busy")
    answer = lab.ask()
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert answer.json()["error"]["message"] == "busy"
    for model in ("general", "fast"):
        lab.tell(model, "/normal")


def test_who_finds_no_place_in_time_gets_503(lab: EdgeLab) -> None:
    one_place = tuple(replace(pool, max_in_flight=1) for pool in lab.values.pools)
    lab.admin.reload(lab.write_config(queue_ms=200, pools=one_place), lab.deadline())
    with ThreadPoolExecutor() as pool:
        slow = [pool.submit(lab.ask, stub={"delay_s": 1.5}) for _ in range(3)]
    answers = sorted((job.result() for job in slow), key=lambda answer: answer.status_code)
    assert answers[0].status_code == 200
    for answer in answers[1:]:
        assert_error(answer, 503, "overloaded", "busy")
        assert answer.headers["retry-after"] == "2"
