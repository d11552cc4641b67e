"""A stack whose models load one after the other, behind TLS, and whose `up` waits for the edge alone."""

from __future__ import annotations

import json
import ssl
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.support.command_lines import CommandLines
from tests.support.engine import inspect, logs, until
from tests.support.models import lend
from tests.support.stack import OFF, Stack, gone_at_the_end

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.engine
SERVICES = ("edge", "llm-fast", "llm-general", "redis")
ASK = {"model": "fast", "messages": [{"role": "user", "content": "hi"}], "max_tokens": 2}


@pytest.fixture(scope="module")
def command_lines_of() -> Iterator[CommandLines]:
    with CommandLines() as seen:
        yield seen


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory, command_lines_of: CommandLines) -> Iterator[Stack]:
    del command_lines_of
    directory: Path = tmp_path_factory.mktemp("staged")
    alone = Stack(directory, mariadb=OFF, prometheus=OFF, response_cache=OFF)
    with gone_at_the_end(lend(alone)) as stack:
        stack.sets = ["features.preload_max_concurrent=1", "services.edge.tls.self_signed=true"]
        stack.up()
        yield stack


def client(stack: Stack) -> httpx.Client:
    """A client that is given the certificate, as the users of a self-signed one are."""
    context = ssl.create_default_context(cafile=str(stack.state / "edge.crt"))
    key = {"authorization": f"Bearer {stack.key()}"}
    return httpx.Client(
        base_url=f"https://127.0.0.1:{stack.port}", headers=key, verify=context, trust_env=False
    )


def warmth(stack: Stack) -> dict[str, str]:
    found = json.loads(stack.toolkit("status", "--output=json", code=None).out)["services"]
    return {row["service"]: row["warmth"] for row in found if row["service"].startswith("llm-")}


def test_up_returns_when_the_edge_serves_and_says_what_goes_on(staged: Stack) -> None:
    first = staged.ran[0].json
    assert set(first["pending_models"]) == {"llm-general", "llm-fast"}
    assert first["warm_up"]["in_background"] is True
    assert {one["service"]: one["reason"] for one in first["warm_up"]["stores"]} == {"redis": ""}
    # What asks as users do comes last: what is done after it cools the way that they take.
    assert list(first["phases_s"])[-3:] == ["reach", "edge", "prove"]
    with client(staged) as edge:
        answer = edge.post("/v1/chat/completions", json=ASK)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "loading")
    assert int(answer.headers["retry-after"]) >= 1
    # No lock is held: another verb does its work.
    assert staged.toolkit("keys", "add", "alice").code == 0


def test_the_second_model_loads_once_the_first_has_answered_and_both_are_warmed_up(staged: Stack) -> None:
    until(lambda: set(warmth(staged).values()) == {"warm"}, "both are warm", 200, 1.0)

    fast, general = (logs(staged.container(name)).splitlines() for name in ("llm-fast", "llm-general"))
    assert "waiting for llm-general, which loads first" in fast[0]
    began = next(line.split()[0] for line in fast if "vllm" in line.lower() and "waiting" not in line)
    answered = next(line.split()[0] for line in general if '"POST /v1/completions HTTP/1.1" 200' in line)
    assert began > answered
    # Both containers were there from the beginning: it is the server that waits.
    started = [
        inspect(staged.container(name))["State"]["StartedAt"][:16] for name in ("llm-fast", "llm-general")
    ]
    assert min(started) <= answered
    said = (staged.state / "warm-up.log").read_text()
    assert said.index("llm-general: warm, ") < said.index("llm-fast: warming up: models")
    assert "through the edge (llm-fast)" in said


def test_it_serves_over_tls_alone(staged: Stack) -> None:
    with client(staged) as edge:
        answer = edge.post("/v1/chat/completions", json=ASK)
    assert (answer.status_code, answer.headers["x-served-by"]) == (200, "llm-fast")
    with pytest.raises(httpx.HTTPError):
        httpx.get(f"http://127.0.0.1:{staged.port}/healthz", timeout=5)
    again = staged.up("--wait=models")
    assert (again["actions"], again["edge_reloaded"], again["endpoint"]) == (
        [],
        False,
        f"https://127.0.0.1:{staged.port}",
    )
    assert {name: answer["served_by"] for name, answer in again["completions"].items()} == {
        "general": "llm-general",
        "fast": "llm-fast",
    }


def test_warmup_alone_tells_the_time_of_each_shape(staged: Stack) -> None:
    said = staged.toolkit("warmup", "--output=json").json
    assert [one["service"] for one in said["models"]] == ["llm-general", "llm-fast"]
    for one in said["models"]:
        assert one["reason"] == ""
        assert [shape["shape"] for shape in one["shapes"]] == [
            *("models", "first token", "short", "streamed", "concurrent", "long"),
        ]
        assert all(0 < shape["elapsed_s"] <= one["elapsed_s"] for shape in one["shapes"])
        assert {shape["shape"]: shape["requests"] for shape in one["shapes"]}["concurrent"] == 16
    assert {name: one["served_by"] for name, one in said["edge"].items()} == {
        "general": "llm-general",
        "fast": "llm-fast",
    }


def test_usual_prompts_are_answered_by_the_cache_afterwards(staged: Stack) -> None:
    (staged.directory / "prompts.jsonl").write_text(json.dumps({**ASK, "temperature": 0}) + "\n")
    said = staged.toolkit("warmup", "--only-cold", "--output=json", "--set=warmup.prompts=prompts.jsonl").json
    # Without a response cache nothing is kept, and that is told; who has one is looked at in the tests of the edge.
    assert said["models"] == []
    assert (said["prompts"]["passed"], said["prompts"]["failed"]) == (2, 0)


def test_the_certificate_s_key_is_seen_nowhere(staged: Stack, command_lines_of: CommandLines) -> None:
    secret = (staged.state / "edge" / "tls.pem").read_text().partition("BEGIN PRIVATE KEY-----\n")[2][:60]
    assert len(secret) == 60
    found = (staged.state / "edge" / "tls.pem").stat()
    assert (found.st_uid, found.st_mode & 0o777) == (99, 0o600)
    places = {
        **{f"inspect {name}": json.dumps(inspect(staged.container(name))) for name in SERVICES},
        **{f"logs {name}": logs(staged.container(name)) for name in SERVICES},
        **{str(file): file.read_text() for file in staged.build.rglob("*") if file.is_file()},
        "said": "".join(ran.out + ran.err for ran in staged.ran),
        "warm-up.log": (staged.state / "warm-up.log").read_text(),
        "edge.crt": (staged.state / "edge.crt").read_text(),
    }
    assert [place for place, text in places.items() if secret in text or "PRIVATE KEY" in text] == []
    assert command_lines_of.with_any([secret]) == []
