"""What the edge of the whole stack refuses, and in which words: always JSON as OpenAI's own errors."""

from __future__ import annotations

import json
import re
import socket
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from tests.support.stack import Stack

pytestmark = pytest.mark.engine
CHAT = "/v1/chat/completions"
JSON = {"content-type": "application/json"}
BODY = {"model": "general", "messages": [{"role": "user", "content": "hello"}], "max_tokens": 1}
# Everything that vLLM answers beside what the edge lets through, and ways around a list of paths.
FORBIDDEN = (
    "/", "/metrics", "/health", "/ping", "/version", "/docs", "/openapi.json", "/load", "/server_info",
    "/tokenize", "/detokenize", "/pause", "/resume", "/is_paused", "/sleep", "/wake_up", "/is_sleeping",
    "/invocations", "/inference/v1/generate", "/pooling", "/classify", "/score", "/v1/score", "/rerank",
    "/v1/rerank", "/v2/rerank", "/v1/embeddings", "/v1/responses", "/v1/messages", "/v1/audio/transcriptions",
    "/v1/load_lora_adapter", "/reset_prefix_cache", "/scale_elastic_ep", "/collective_rpc",
    "/v1/chat/completions/render", "/v1/models/general", "/v1//models", "//metrics",
    "/v1/models/../../metrics", "/v1/models/%2e%2e/%2e%2e/metrics", "/v1/chat/completions/", "/V1/models",
)  # fmt: skip


def assert_error(answer: httpx.Response, status: int, code: str, words: str) -> None:
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/json")
    error = answer.json()["error"]
    assert (error["code"], error["param"]) == (code, None)
    assert words in error["message"]
    assert error["type"] in {"invalid_request_error", "server_error"}


@pytest.mark.parametrize("key", [None, "sk-wrong", "x"], ids=["no key", "wrong key", "no key at all"])
@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/models"), ("POST", CHAT), ("GET", "/metrics")])
def test_401_without_the_right_key(stack: Stack, key: str | None, method: str, path: str) -> None:
    with stack.client(key) as client:
        answer = client.request(method, path, json=BODY if method == "POST" else None)
    assert_error(answer, 401, "invalid_api_key", "Missing or incorrect API key")


def test_401_for_the_hash_of_a_key_or_another_scheme(stack: Stack) -> None:
    hashed = (stack.state / "edge" / "keys.map").read_text().split()[0]
    for header in (
        f"Bearer {hashed}",
        f"Basic {stack.key()}",
        stack.key(),
        "Bearer",
        f"Bearer {stack.key()}x",
    ):
        with stack.client(None) as client:
            answer = client.get("/v1/models", headers={"authorization": header})
        assert_error(answer, 401, "invalid_api_key", "Missing or incorrect API key")


def test_404_for_every_other_path(stack: Stack) -> None:
    for method in ("GET", "POST"):
        for path in FORBIDDEN:
            status, body = raw(stack, method, path)
            assert (method, path, status) == (method, path, 404)
            assert json.loads(body)["error"]["code"] == "unknown_url"


def raw(stack: Stack, method: str, path: str) -> tuple[int, str]:
    """Send a path exactly as it is: clients tidy up what an attacker would not."""
    lines = (
        f"{method} {path} HTTP/1.1",
        "Host: edge",
        f"Authorization: Bearer {stack.key()}",
        "Connection: close",
    )
    head = "\r\n".join((*lines, "", ""))
    with socket.create_connection(("127.0.0.1", stack.port), timeout=10) as connection:
        connection.sendall(head.encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
    return int(answer.split()[1]), answer.partition("\r\n\r\n")[2]


@pytest.mark.parametrize(
    ("method", "path"), [("GET", CHAT), ("DELETE", "/v1/models"), ("PUT", "/v1/completions")]
)
def test_405_for_another_method(stack: Stack, method: str, path: str) -> None:
    with stack.client() as client:
        assert_error(client.request(method, path), 405, "method_not_allowed", "is allowed here")


@pytest.mark.parametrize("chunked", [False, True], ids=["content-length", "chunked"])
def test_413_above_the_limit_and_not_at_it(stack: Stack, chunked: bool) -> None:
    with stack.client() as client:
        limit = int(re.search(r"(\d+) bytes", client.post(CHAT, content=b"x" * 2_000_000).text)[1])  # type: ignore[index]
        above = client.post(CHAT, content=body_of(limit + 1, chunked), headers=JSON)
        assert_error(above, 413, "request_too_large", f"at most {limit} bytes")
        at_limit = client.post(CHAT, content=body_of(limit, chunked), headers=JSON)
    # It reached the server, which knows its own limit.
    assert (at_limit.status_code, at_limit.headers["x-served-by"]) == (400, "llm-general")
    assert "maximum context length" in at_limit.json()["error"]["message"]


def body_of(length: int, chunked: bool) -> bytes | Iterator[bytes]:
    text = json.dumps({**BODY, "messages": [{"role": "user", "content": ""}]}).encode()
    body = text.replace(b'"content": ""', b'"content": "' + b"a" * (length - len(text)) + b'"')
    assert len(body) == length
    return (body[at : at + 4096] for at in range(0, length, 4096)) if chunked else body


@pytest.mark.parametrize(
    ("body", "status", "code", "words"),
    [
        ({**BODY, "model": "gpt-4o"}, 404, "model_not_found", "/v1/models lists"),
        ({**BODY, "model": "general\n"}, 404, "model_not_found", "/v1/models lists"),
        ({"messages": BODY["messages"]}, 400, "bad_request", 'with a "model"'),
        ([BODY], 400, "bad_request", 'with a "model"'),
    ],
    ids=["unknown", "nearly", "none", "a list"],
)
def test_a_model_that_is_not_there(stack: Stack, body: Any, status: int, code: str, words: str) -> None:
    with stack.client() as client:
        assert_error(client.post(CHAT, json=body), status, code, words)


def test_what_the_server_refuses_is_json_too(stack: Stack) -> None:
    with stack.client() as client:
        answer = client.post(CHAT, json={**BODY, "messages": "no list"})
    assert (answer.status_code, answer.headers["x-served-by"]) == (400, "llm-general")
    assert answer.json()["error"]["message"]
