"""Usual prompts and data stores: what is asked of them, and what is said of it."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.support.answering import Answer, answering
from tests.support.clocks import HandClock
from tests.support.fake_engine import FakeEngine
from toolkit.engine.compose import ComposeEngine
from toolkit.engine.runner import Completed
from toolkit.errors import ProfileError
from toolkit.probes.http import Endpoint
from toolkit.routines.priming import Reached, prime, reach_stores, usual_prompts
from toolkit.state.keys import Key

CHAT = b'{"model": "general",  "temperature": 0, "messages": []}'
VECTOR = b'{"model": "embeddings", "input": "hello"}'


def test_a_request_a_line_as_it_stands(tmp_path: Path) -> None:
    file = tmp_path / "prompts.jsonl"
    file.write_bytes(CHAT + b"\n\n" + VECTOR + b'\n{"model": "fast", "prompt": "x"}')
    assert usual_prompts(file) == [
        ("/v1/chat/completions", CHAT),
        ("/v1/embeddings", VECTOR),
        ("/v1/completions", b'{"model": "fast", "prompt": "x"}'),
    ]


@pytest.mark.parametrize("line", ["hello", '{"messages": []}', '{"model": "general"}', "[1]", "7"])
def test_a_line_that_is_no_request_is_named(line: str, tmp_path: Path) -> None:
    file = tmp_path / "prompts.jsonl"
    file.write_bytes(CHAT + b"\n" + line.encode())
    with pytest.raises(ProfileError) as caught:
        usual_prompts(file)
    assert str(caught.value).startswith(
        f"{file}:2: this is no request body\n   got: {line}\n  next: such as "
    )


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="usual prompts cannot be read"):
        usual_prompts(tmp_path / "none")


def test_every_prompt_is_asked_with_every_key(tmp_path: Path) -> None:
    def answer(path: str, body: bytes) -> Answer:
        if path == "/v1/embeddings":
            return 503, "", {}
        return 200, "{}", {"X-Cache": "HIT" if b"twice" in body else "MISS" if b"0" in body else "BYPASS"}

    keys = []
    for name in ("alice", "bob"):
        (tmp_path / name).write_text(f"sk-{name}")
        keys.append(Key(name, sha256(f"sk-{name}".encode()).hexdigest(), tmp_path / name, None))
    chat = "/v1/chat/completions"
    prompts = [(chat, CHAT), (chat, b'{"twice": 0}'), (chat, b"{}"), ("/v1/embeddings", VECTOR)]
    with answering(answer) as server:
        primed = prime(lambda key: Endpoint(server.url, key), keys, prompts, HandClock())

    assert (primed.kept, primed.held, primed.passed, primed.failed) == (2, 2, 2, 2)
    assert primed.reasons == [f"HTTP 503: {VECTOR.decode()}"] * 2
    assert [(body, key) for _, _, body, key in server.asked][:2] == [
        (CHAT, "Bearer sk-alice"),
        (b'{"twice": 0}', "Bearer sk-alice"),
    ]
    assert len(server.asked) == 8


def test_each_store_is_reached_once_and_others_are_not() -> None:
    engine = FakeEngine()
    engine.refusals["redis-cli"] = (0, "PONG\n", "")
    engine.refusals["vector-db"] = (1, "", "FATAL: no such user")
    found = reach_stores(
        ComposeEngine(engine, "p", Path("/b")), ["edge", "mariadb", "redis", "vector-db"], HandClock()
    )
    assert found == (
        Reached("mariadb", 0),
        Reached("redis", 0),
        Reached("vector-db", 0, "its tables cannot be read"),
    )
    assert len(engine.said) == 3


class Broken(FakeEngine):
    def run(self, *_: Any, **__: Any) -> Completed:
        raise KeyError("a bug")


def test_what_nobody_foresaw_is_no_store_that_cannot_be_reached() -> None:
    with pytest.raises(KeyError, match="a bug"):
        reach_stores(ComposeEngine(Broken(), "p", Path("/b")), ["redis"], HandClock())
