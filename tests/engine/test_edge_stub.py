"""A real HAProxy before stub servers: what users get, errors above all."""

from __future__ import annotations

import hashlib
import json
import socket
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.support import edge_config
from tests.support.edge_lab import KEY, EdgeLab, docker, edge_lab

if TYPE_CHECKING:
    from tests.support.edge_lab import EdgeLab as Lab

pytestmark = pytest.mark.engine
CHAT = "/v1/chat/completions"
LIMIT = 6144 * 12


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeLab]:
    with edge_lab(tmp_path_factory.mktemp("edge")) as running:
        running.make_ready()
        yield running


def send(lab: EdgeLab, method: str, path: str, key: str | None = KEY, **body: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return httpx.request(method, lab.url + path, headers=headers, timeout=15, **body)


def assert_error(answer: httpx.Response, status: int, code: str, words: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    error = answer.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert error["code"] == code
    assert words in error["message"]


def test_healthz_needs_no_key_and_names_the_digest(lab: EdgeLab) -> None:
    answer = send(lab, "GET", "/healthz", key=None)
    assert (answer.status_code, answer.text) == (200, f"ok {edge_config.text('haproxy.cfg', lab.values)[1]}")


@pytest.mark.parametrize("model", ["general", "fast"])
def test_each_model_is_answered_by_its_own_server(lab: EdgeLab, model: str) -> None:
    answer = lab.ask(model)
    assert answer.status_code == 200
    assert answer.headers["x-served-by"] == f"llm-{model}"
    assert answer.json()["model"] == model
    assert "authorization" not in answer.json()["headers"]


def test_models_are_listed(lab: EdgeLab) -> None:
    answer = send(lab, "GET", "/v1/models")
    assert {entry["id"] for entry in answer.json()["data"]} == {"general", "fast"}


@pytest.mark.parametrize(
    ("method", "path", "key", "body", "status", "code", "words"),
    [
        ("GET", "/v1/models", None, None, 401, "invalid_api_key", "Missing or incorrect API key"),
        ("POST", CHAT, "sk-wrong", {"model": "general"}, 401, "invalid_api_key", "Missing or incorrect API key"),
        ("GET", "/metrics", KEY, None, 404, "unknown_url", "Unknown request URL"),
        ("POST", "/v1/embeddings", KEY, {"model": "general"}, 404, "unknown_url", "Unknown request URL"),
        ("POST", "/v1/models/../../tokenize", KEY, {}, 404, "unknown_url", "Unknown request URL"),
        ("GET", CHAT, KEY, None, 405, "method_not_allowed", "Only POST"),
        ("POST", "/v1/models", KEY, {}, 405, "method_not_allowed", "Only GET"),
        ("POST", CHAT, KEY, {"messages": []}, 400, "bad_request", 'JSON object with a "model"'),
        ("POST", CHAT, KEY, {"model": "nobody"}, 404, "model_not_found", "/v1/models lists"),
        ("POST", CHAT, KEY, {"model": "general", "stub": {"broken": True}}, 502, "bad_gateway", "broke off"),
        ("POST", CHAT, KEY, {"model": "general", "stub": {"status": 500, "text": "Oops"}}, 500, "internal_error", "failed"),
        ("POST", CHAT, KEY, {"model": "general", "stub": {"delay_s": 4}}, 504, "timeout", '"stream": true'),
    ],
)  # fmt: skip
def test_errors_are_json(
    lab: EdgeLab, method: str, path: str, key: str | None, body: Any, status: int, code: str, words: str
) -> None:
    assert_error(send(lab, method, path, key, json=body), status, code, words)


def test_no_json_at_all_is_400(lab: EdgeLab) -> None:
    assert_error(send(lab, "POST", CHAT, content=b'{"model": "gen'), 400, "bad_request", "JSON object")


def sized(length: int) -> bytes:
    head = b'{"model": "general", "x": "'
    return head + b"a" * (length - len(head) - 2) + b'"}'


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize(("length", "status"), [(LIMIT, 200), (LIMIT + 1, 413), (10 * LIMIT, 413)])
def test_body_limit(lab: EdgeLab, length: int, status: int, chunked: bool) -> None:
    body = sized(length)
    parts = (body[at : at + 1000] for at in range(0, length, 1000))
    answer = send(lab, "POST", CHAT, content=parts if chunked else body)
    if status == 200:
        assert answer.json()["model"] == "general"
    else:
        assert_error(answer, 413, "request_too_large", f"at most {LIMIT} bytes")


def speak(lab: EdgeLab, text: str) -> bytes:
    """Send the text, nothing more, and return the answer."""
    host, _, port = lab.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(text.encode())
        return connection.recv(65536)


@pytest.mark.parametrize(("key", "status", "at_least_s"), [(KEY, 408, 1.4), ("sk-wrong", 401, 0.0)])
def test_a_slow_body_is_waited_for_after_the_key_was_right(
    lab: EdgeLab, key: str, status: int, at_least_s: float
) -> None:
    began = time.monotonic()
    head = f"POST {CHAT} HTTP/1.1\r\nHost: edge\r\nAuthorization: Bearer {key}\r\nContent-Length: 9\r\n\r\n"
    answer = speak(lab, head + "{").decode()
    assert answer.startswith(f"HTTP/1.1 {status} ")
    assert "error" in json.loads(answer.partition("\r\n\r\n")[2])
    assert at_least_s <= time.monotonic() - began < at_least_s + 1.0


def test_a_full_queue_is_503(lab: EdgeLab) -> None:
    lab.tell("general", "/busy")
    lab.tell("fast", "/busy")
    answer = lab.ask()
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert answer.json()["error"]["message"] == "busy"
    for mode in ("/mute", "/busy"):
        lab.tell("fast", "/normal")
        lab.tell("general", mode)
        stand_in = lab.ask()
        assert (stand_in.status_code, stand_in.headers["x-served-by"]) == (200, "llm-fast")
    lab.tell("general", "/normal")


def test_events_of_a_stream_arrive_one_by_one(lab: EdgeLab) -> None:
    body = {"model": "general", "stream": True, "stub": {"events": 5, "gap_s": 0.2}}
    late = []
    with httpx.stream("POST", lab.url + CHAT, json=body, headers={"Authorization": f"Bearer {KEY}"}) as answer:
        for line in answer.iter_lines():
            if line.startswith("data: {"):
                late.append(time.time() - json.loads(line.removeprefix("data: "))["at"])
    assert len(late) == 5
    assert max(late) < 0.1


def test_keys_come_and_go_live(lab: EdgeLab) -> None:
    digest = hashlib.sha256(b"sk-another").hexdigest()
    assert lab.ask(key="sk-another").status_code == 401
    lab.admin.add_key(digest, "another", lab.deadline())
    assert lab.ask(key="sk-another").status_code == 200
    lab.admin.revoke_key(digest, lab.deadline())
    lab.admin.revoke_key(digest, lab.deadline())
    assert lab.ask(key="sk-another").status_code == 401
    assert lab.ask().status_code == 200


def test_metrics_are_inside_only(lab: EdgeLab) -> None:
    networks = json.loads(docker("inspect", "-f", "{{json .NetworkSettings.Networks}}", lab.container("edge")))
    inside = networks[f"{lab.project}_inference"]["IPAddress"]
    text = httpx.get(f"http://{inside}:8404/metrics").text
    assert 'haproxy_server_status{proxy="llm-general",server="llm-general",state="UP"} 1' in text
    assert set(json.loads(docker("inspect", "-f", "{{json .NetworkSettings.Ports}}", lab.container("edge")))) == {"8080/tcp"}


def test_the_container_is_healthy_and_closed(lab: EdgeLab) -> None:
    assert docker("inspect", "-f", "{{.State.Health.Status}}", lab.container("edge")) == "healthy"
    refused = docker("exec", lab.container("edge"), "bash", "-c", "echo > /usr/local/etc/haproxy/x || id -u")
    assert refused == "99"
