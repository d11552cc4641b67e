"""What runs inside a model's container to warm it up, against a server that writes down what it is asked."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from typing import Any

from tests.support.answering import Answer, Answering, answering
from toolkit.resources import resource_dir

SCRIPT = (resource_dir("compose") / "models" / "warm_up.py").read_text()


def warm(server: Answering, code: int = 0, **order: Any) -> list[dict[str, Any]]:
    said = {"model": "general", "port": server.port, "pooling": False, "context": 1000, "sequences": 4}
    words = json.dumps({**said, "budget_s": 20, **order})
    done = subprocess.run(
        [sys.executable, "-", words], input=SCRIPT, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (code, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


def well(path: str, body: bytes) -> Answer:
    del path, body
    return 200, "{}", {}


def bodies(server: Answering) -> list[dict[str, Any]]:
    return [json.loads(body) for _, _, body, _ in server.asked if body]


def test_a_chat_model_is_asked_every_shape_the_list_of_models_first() -> None:
    with answering(well) as server:
        told = warm(server)

    assert [(t["shape"], t["requests"], t["failed"], t["reason"]) for t in told] == [
        ("models", 1, 0, ""),
        ("first token", 1, 0, ""),
        ("short", 1, 0, ""),
        ("streamed", 1, 0, ""),
        ("concurrent", 4, 0, ""),
        ("long", 1, 0, ""),
    ]
    assert all(t["elapsed_s"] >= 0 for t in told)
    assert server.asked[0][:2] == ("GET", "/v1/models")
    assert Counter(path for _, path, _, _ in server.asked) == {
        "/v1/models": 1,
        "/v1/chat/completions": 6,
        "/v1/completions": 2,
    }
    first, *chats, long = bodies(server)
    assert (first["max_tokens"], len(first["prompt"])) == (1, 10)
    assert [chat["stream"] for chat in chats] == [False, True, True, True, True, True]
    assert len(long["prompt"]) == 750
    assert {body["model"] for body in bodies(server)} == {"general"}
    # None of them is in any cache.
    assert len({json.dumps(body) for body in bodies(server)}) == 8


def test_a_pooling_model_is_asked_for_vectors() -> None:
    with answering(well) as server:
        told = warm(server, pooling=True)
    assert [(t["shape"], t["requests"]) for t in told] == [
        ("models", 1),
        ("short", 1),
        ("concurrent", 4),
        ("long", 1),
    ]
    assert {path for _, path, _, _ in server.asked} == {"/v1/models", "/v1/embeddings"}


def test_a_refusal_is_told_and_the_others_are_asked_all_the_same() -> None:
    def no_chat(path: str, body: bytes) -> Answer:
        return (400, "no chat template", {}) if "chat" in path else well(path, body)

    with answering(no_chat) as server:
        told = {t["shape"]: (t["failed"], t["reason"]) for t in warm(server, code=1)}
    assert told["short"] == (1, "HTTP 400: no chat template")
    assert told["concurrent"] == (4, "HTTP 400: no chat template")
    assert (told["first token"], told["long"]) == ((0, ""), (0, ""))


def test_what_no_time_is_left_for_is_left_out() -> None:
    with answering(well) as server:
        told = warm(server, budget_s=0)
    assert {(t["requests"], t["reason"]) for t in told} == {(0, "no time was left")}
    assert server.asked == []
