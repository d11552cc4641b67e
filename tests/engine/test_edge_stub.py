"""A real HAProxy before stub servers: what its users get."""

from __future__ import annotations

import hashlib
import json
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.support import edge_config
from tests.support.edge_lab import KEY, EdgeLab, docker, edge_lab, until

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.engine
CHAT = "/v1/chat/completions"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeLab]:
    with edge_lab(tmp_path_factory.mktemp("edge")) as running:
        running.make_ready()
        yield running


def send(lab: EdgeLab, method: str, path: str, key: str | None = KEY, **body: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return httpx.request(method, lab.url + path, headers=headers, timeout=15, **body)


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


@pytest.mark.parametrize("trouble", ["/busy", "/mute"])
def test_the_other_model_stands_in_for_one_that_refuses_or_says_nothing(lab: EdgeLab, trouble: str) -> None:
    lab.tell("general", trouble)
    answer = lab.ask("general")
    lab.tell("general", "/normal")
    assert (answer.status_code, answer.headers["x-served-by"]) == (200, "llm-fast")


def test_events_of_a_stream_arrive_one_by_one(lab: EdgeLab) -> None:
    body = {"model": "general", "stream": True, "stub": {"events": 6, "gap_s": 0.3}}
    headers = {"Authorization": f"Bearer {KEY}"}
    with httpx.stream("POST", lab.url + CHAT, json=body, headers=headers) as answer:
        events = (line.removeprefix("data: ") for line in answer.iter_lines() if line.startswith("data: {"))
        seen = [(time.time(), json.loads(event)["at"]) for event in events]
    assert len(seen) == 6
    # Gathered on the way, all would come when the last one was sent; read in time on a machine that is busy.
    last_sent = seen[-1][1]
    assert all(arrived < last_sent for arrived, _ in seen[:3]), seen


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
    settings = json.loads(docker("inspect", "-f", "{{json .NetworkSettings}}", lab.container("edge")))
    inside = settings["Networks"][f"{lab.project}_inference"]["IPAddress"]
    text = httpx.get(f"http://{inside}:8404/metrics").text
    assert 'haproxy_server_status{proxy="llm-general",server="llm-general",state="UP"} 1' in text
    assert {port for port, published in settings["Ports"].items() if published} == {"8080/tcp"}


def test_the_container_is_healthy_and_closed(lab: EdgeLab) -> None:
    edge = lab.container("edge")
    until(lambda: docker("inspect", "-f", "{{.State.Health.Status}}", edge) == "healthy", "healthy")
    refused = docker("exec", edge, "bash", "-c", "echo > /usr/local/etc/haproxy/x || echo > /x || id -u")
    assert refused == "99"
