"""What an endpoint answers, and why not, with a function in the place of the network."""

from __future__ import annotations

import json
import re
import socket
from concurrent.futures import ThreadPoolExecutor
from http.client import BadStatusLine
from typing import TYPE_CHECKING

import pytest

from tests.support.http_double import Answers, Request, Response, response
from toolkit.clock import Deadline
from toolkit.probes.http import Answer, Completion, Endpoint, NoAnswer

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = "sk-very-secret"
URL = "http://127.0.0.1:8001"
SOON = Deadline.after(3600)


def endpoint(answer: Callable[[Request], Response], base_url: str = URL) -> Endpoint:
    return Endpoint(base_url, KEY, Answers(answer))


def ask(answer: Callable[[Request], Response]) -> Completion | NoAnswer:
    return endpoint(answer).chat_completion("general", "hello", 8, SOON)


def chat(content: str | None) -> dict[str, object]:
    return {"model": "fast", "choices": [{"message": {"role": "assistant", "content": content}}]}


def test_a_completion_names_the_text_the_model_and_who_answered() -> None:
    asked: list[Request] = []

    def answer(request: Request) -> Response:
        asked.append(request)
        return response(200, json=chat("hi"), headers={"X-Served-By": "llm-fast"})

    found = ask(answer)

    assert isinstance(found, Completion)
    assert (found.text, found.model, found.served_by) == ("hi", "fast", "llm-fast")
    assert 0 <= found.elapsed_s < 50
    assert (asked[0].method, asked[0].path) == ("POST", "/v1/chat/completions")
    assert asked[0].headers == {"authorization": f"Bearer {KEY}", "content-type": "application/json"}
    assert json.loads(asked[0].body) == {
        "model": "general",
        "messages": [{"role": "user", "content": "hello"}],
        "max_tokens": 8,
    }


def test_no_content_is_an_empty_text() -> None:
    found = ask(lambda _: response(200, json=chat(None)))

    assert isinstance(found, Completion)
    assert (found.text, found.served_by) == ("", "")


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (401, '{"error": {"message": "Invalid key", "type": "auth"}}', "Invalid key"),
        (503, '{"error": "loading"}', "loading"),
        (502, "<html>Bad gateway</html>", "<html>Bad gateway</html>"),
        (500, "", "an empty answer"),
        (404, '{"detail": "Not Found"}', '{"detail": "Not Found"}'),
    ],
)
def test_a_refusal_says_why(status: int, body: str, reason: str) -> None:
    found = ask(lambda _: response(status, text=body))

    assert isinstance(found, NoAnswer)
    assert (found.status, found.reason) == (status, reason)


@pytest.mark.parametrize("body", ["{}", "[]", "OK", '{"choices": []}', '{"choices": [{"message": null}]}'])
def test_what_is_no_completion_is_told(body: str) -> None:
    found = ask(lambda _: response(200, text=body))

    assert isinstance(found, NoAnswer)
    assert found.reason == f"status 200, but not a chat completion: {body!r}"


def raising(error: Exception) -> Callable[[Request], Response]:
    def answer(_: Request) -> Response:
        raise error

    return answer


def test_no_answer_in_time() -> None:
    found = ask(raising(TimeoutError("timed out")))

    assert isinstance(found, NoAnswer)
    assert found.status is None
    assert re.fullmatch(rf"no answer from {re.escape(URL)} within \d\.\d s", found.reason)


def test_nothing_listens() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        found = Endpoint(url, KEY).get("/v1/models", Deadline.after(60))

    assert isinstance(found, NoAnswer)
    assert found.reason == f"nothing accepts connections at {url}"


def test_the_key_is_in_no_reason() -> None:
    found = ask(raising(BadStatusLine(f"illegal header Bearer {KEY}")))

    assert isinstance(found, NoAnswer)
    assert found.reason == f"BadStatusLine from {URL}: illegal header Bearer (key)"


@pytest.mark.parametrize("key", [f"{KEY}\n", f"{KEY}…"], ids=["a line's end", "not Latin-1"])
def test_a_key_that_cannot_be_sent_is_in_no_reason(key: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        found = Endpoint(url, key).get("/", SOON)

    assert found == NoAnswer(f"the key for {url} has a character that no HTTP header may hold")


def test_a_passed_deadline_asks_nothing() -> None:
    found = endpoint(raising(AssertionError("asked"))).get("/", Deadline.after(0))

    assert found == NoAnswer("no time was left to ask")


def test_get_hands_back_any_status() -> None:
    found = endpoint(lambda _: response(404, text="no", headers={"Retry-After": "5"})).get("/x", SOON)

    assert isinstance(found, Answer)
    assert (found.status, found.text, found.headers["retry-after"]) == (404, "no", "5")


def test_without_a_key_none_is_sent() -> None:
    asked: list[Request] = []

    def answer(request: Request) -> Response:
        asked.append(request)
        return response(200)

    Endpoint(f"{URL}/", connect=Answers(answer)).get("/health", SOON)

    assert asked == [Request("GET", "/health", b"", {})]


def test_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        found = Endpoint(url).get("/", Deadline.after(0.3))

    assert isinstance(found, NoAnswer)
    assert found.reason.startswith(f"no answer from {url} within 0.")


def test_what_really_goes_over_the_wire_and_back() -> None:
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                heard.append(connection.recv(65536))
                connection.sendall(
                    b"HTTP/1.1 503 Busy\r\nRetry-After: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
                )
                connection.sendall(b"4\r\nwait\r\n0\r\n\r\n")

        with ThreadPoolExecutor(1) as other:
            served = other.submit(serve)
            found = Endpoint(f"http://127.0.0.1:{server.getsockname()[1]}", KEY).get("/healthz?x=1", SOON)
            served.result(10)

    assert isinstance(found, Answer)
    assert (found.status, found.text, found.headers["retry-after"]) == (503, "wait", "5")
    assert heard[0].startswith(b"GET /healthz?x=1 HTTP/1.1\r\n")
    assert f"authorization: Bearer {KEY}\r\n".encode() in heard[0]


def test_an_answer_that_is_none_of_http_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        with ThreadPoolExecutor(2) as other:
            served = other.submit(server.accept)
            asked = other.submit(Endpoint(url).get, "/", SOON)
            served.result(10)[0].close()
            found = asked.result(10)

    assert isinstance(found, NoAnswer)
    assert re.match(rf"(RemoteDisconnected|ConnectionResetError) from {re.escape(url)}: ", found.reason)


def test_a_vector_is_told_by_its_length() -> None:
    def ask_for_vector(body: dict[str, object]) -> Completion | NoAnswer:
        return endpoint(lambda _: response(200, json=body)).embedding("embeddings", "hello", SOON)

    found = ask_for_vector({"model": "embeddings", "data": [{"embedding": [0.5, 0.25]}]})
    assert isinstance(found, Completion)
    assert found.text == "2 numbers"
    missing = ask_for_vector({"model": "embeddings", "data": []})
    assert isinstance(missing, NoAnswer)
    assert missing.reason.startswith("status 200, but not an embedding: ")
