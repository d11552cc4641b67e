"""The embeddings alone, on the CPU: healthy after a first vector, and more of them on request."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.engine import inside
from tests.support.models import lend
from tests.support.stack import OFF, TINY, Stack, gone_at_the_end

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

pytestmark = pytest.mark.engine
OFF_ALL: Mapping[str, Any] = dict.fromkeys(
    ("edge", "llm_general", "llm_fast", "mariadb", "redis", "prometheus"), OFF
)
SERVER = {**TINY, "enabled": True, "model": "tiny-embeddings"}


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    directory = tmp_path_factory.mktemp("vectors")
    alone = Stack(directory, embeddings=SERVER, **OFF_ALL)
    with gone_at_the_end(lend(alone, "tiny-embeddings")) as stack:
        assert stack.up("--wait=models")["services"] == {"embeddings": "healthy"}
        yield stack


def curl(stack: Stack, path: str, body: object = None) -> str:
    """Return what the server answers, asked from inside its container."""
    posted = () if body is None else ("-H", "Content-Type: application/json", "-d", json.dumps(body))
    done = inside(stack.container("embeddings"), "curl", "-sS", *posted, f"http://127.0.0.1:8000{path}")
    assert done.returncode == 0, done.stderr
    return done.stdout


def vectors(stack: Stack, *texts: str) -> list[list[float]]:
    answer = json.loads(curl(stack, "/v1/embeddings", {"model": "embeddings", "input": texts}))
    return [one["embedding"] for one in answer["data"]]


def test_healthy_means_that_it_has_answered_with_a_vector(alone: Stack) -> None:
    lines = curl(alone, "/metrics").splitlines()
    counted = [line for line in lines if line.startswith("vllm:request_success_total{")]
    assert any('finished_reason="stop"' in line and float(line.split()[-1]) >= 1 for line in counted)
    asked = [line for line in lines if line.startswith('http_requests_total{handler="/v1/embeddings"')]
    assert asked


def test_texts_become_vectors_of_length_one(alone: Stack) -> None:
    one, same, other = vectors(alone, "a text", "a text", "something else")
    assert len(one) == len(other) == 64
    assert math.hypot(*one) == pytest.approx(1, abs=0.01)
    # Random weights tell texts hardly apart, but they do.
    assert math.dist(one, same) < math.dist(one, other)


def test_it_answers_no_chat(alone: Stack) -> None:
    said = curl(alone, "/v1/chat/completions", {"model": "embeddings", "messages": []})
    assert json.loads(said) == {"detail": "Not Found"}
