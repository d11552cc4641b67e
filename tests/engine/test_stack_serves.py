"""The whole stack serves: real completions of both models through the edge, streamed and not."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING

import pytest

from tests.support.load import Load, run_load
from tests.support.stack import SERVICES

if TYPE_CHECKING:
    from tests.support.stack import Stack

pytestmark = pytest.mark.engine
HELLO = [{"role": "user", "content": "hello"}]
MODELS = {"general": "llm-general", "fast": "llm-fast"}


def test_the_first_up_brings_up_everything_and_proves_it(stack: Stack) -> None:
    first = stack.ran[0].json
    assert dict.fromkeys(SERVICES, "healthy") == first["services"]
    assert {action["service"]: action["kind"] for action in first["actions"]} == dict.fromkeys(
        SERVICES, "create"
    )
    assert {name: answer["served_by"] for name, answer in first["completions"].items()} == MODELS
    assert all(answer["text"] for answer in first["completions"].values())
    assert first["endpoint"] == stack.url
    assert first["pending_models"] == []
    assert set(first["new_keys"]) == {"toolkit", "default"}
    assert first["elapsed_s"] <= stack.ran[0].elapsed_s


@pytest.mark.parametrize(("model", "server"), MODELS.items())
def test_chat_in_one_piece(stack: Stack, model: str, server: str) -> None:
    with stack.client() as client:
        answer = client.post(
            "/v1/chat/completions", json={"model": model, "messages": HELLO, "max_tokens": 8}
        )
    assert answer.status_code == 200
    assert answer.headers["x-served-by"] == server
    said = answer.json()
    assert (said["object"], said["model"]) == ("chat.completion", model)
    assert said["choices"][0]["message"]["content"]
    assert 1 <= said["usage"]["completion_tokens"] <= 8


@pytest.mark.parametrize("model", MODELS)
def test_chat_event_by_event(stack: Stack, model: str) -> None:
    # Gathered anywhere on the way, the events would always come in a few large pieces near the end; on a machine
    # that is too busy to read in time many of them come together.
    for _ in range(10):
        arrived, events = stream(stack, model, tokens=200)
        assert events[-1] == "[DONE]"
        assert {json.loads(event)["object"] for event in events[:-1]} == {"chat.completion.chunk"}
        if len(events) > 100 and len(arrived) > 20 and arrived[0] < arrived[-1] / 2:
            return
    raise AssertionError(f"{len(events)} events came in {len(arrived)} pieces at {arrived} s")


def stream(stack: Stack, model: str, tokens: int) -> tuple[list[float], list[str]]:
    """Return when each piece of a streamed answer arrived, in seconds, and its events."""
    body = {"model": model, "messages": HELLO, "stream": True, "max_tokens": tokens, "ignore_eos": True}
    began = time.monotonic()
    arrived, texts = [], []
    with stack.client() as client, client.stream("POST", "/v1/chat/completions", json=body) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        for piece in answer.iter_raw():
            arrived.append(time.monotonic() - began)
            texts.append(piece.decode())
    lines = "".join(texts).splitlines()
    return arrived, [line.removeprefix("data: ") for line in lines if line.startswith("data: ")]


@pytest.mark.parametrize(("model", "server"), MODELS.items())
def test_completions(stack: Stack, model: str, server: str) -> None:
    body = {"model": model, "prompt": "once", "max_tokens": 5, "ignore_eos": True}
    with stack.client() as client:
        answer = client.post("/v1/completions", json=body)
    assert (answer.status_code, answer.headers["x-served-by"]) == (200, server)
    assert (answer.json()["object"], answer.json()["usage"]["completion_tokens"]) == ("text_completion", 5)


def test_models_are_listed(stack: Stack) -> None:
    with stack.client() as client:
        answer = client.get("/v1/models")
    assert answer.status_code == 200
    assert {entry["id"] for entry in answer.json()["data"]} == set(MODELS)


def test_sixteen_users_at_once_are_served_by_their_own_model(stack: Stack) -> None:
    async def both() -> list[set[str | None]]:
        loads = (Load(stack.url, stack.key(), model, 8, 8, requests=2) for model in MODELS)
        made = await asyncio.gather(*(run_load(load) for load in loads))
        assert [result for results in made for result in results if result.failed] == []
        return [{result.served_by for result in results} for results in made]

    assert asyncio.run(both()) == [{"llm-general"}, {"llm-fast"}]
