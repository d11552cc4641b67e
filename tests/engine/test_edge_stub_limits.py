"""A real HAProxy counts what each API key asks for: what counts, what does not, and for how long."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.support.edge_lab import KEY, EdgeLab, docker, edge_lab
from toolkit.planning.edge_limits import RateLimit

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.engine
REQUESTS = 5


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeLab]:
    limit = RateLimit(REQUESTS, 60.0)
    with edge_lab(tmp_path_factory.mktemp("edge"), rate_limit=limit) as running:
        running.make_ready()
        yield running


@pytest.fixture
def key(lab: EdgeLab, request: pytest.FixtureRequest) -> str:
    """A key that no other test uses."""
    digest = hashlib.sha256(request.node.name.encode()).hexdigest()
    lab.admin.add_key(digest, "one", lab.deadline())
    return str(request.node.name)


def statuses(lab: EdgeLab, key: str, count: int, **body: Any) -> list[int]:
    return [lab.ask(key=key, **body).status_code for _ in range(count)]


def test_one_more_than_allowed_is_told_when_to_come_back(lab: EdgeLab, key: str) -> None:
    assert statuses(lab, key, REQUESTS) == [200] * REQUESTS
    answer = lab.ask(key=key)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "10")
    error = answer.json()["error"]
    assert (error["type"], error["code"]) == ("requests", "rate_limit_exceeded")
    assert "at most 5 requests in 60 s" in error["message"]


def test_each_key_has_its_own_count(lab: EdgeLab, key: str) -> None:
    assert statuses(lab, key, REQUESTS + 1)[-1] == 429
    assert lab.ask(key=KEY).status_code == 200


def test_only_what_is_admitted_counts(lab: EdgeLab, key: str) -> None:
    headers = {"Authorization": f"Bearer {key}"}
    for _ in range(REQUESTS):
        assert lab.ask("nobody", key=key).status_code == 404
        assert lab.ask(key=key, user="a" * 100_000).status_code == 413
        assert httpx.get(f"{lab.url}/v1/models", headers=headers).status_code == 200
    assert statuses(lab, key, REQUESTS + 1) == [*[200] * REQUESTS, 429]


def test_who_is_refused_does_not_lengthen_his_wait(lab: EdgeLab, key: str) -> None:
    statuses(lab, key, REQUESTS)
    assert statuses(lab, key, 10) == [429] * 10
    asked = "exec 3<>/dev/tcp/127.0.0.1/9999 && echo 'show table rates' >&3 && cat <&3"
    table = docker("exec", lab.container("edge"), "bash", "-c", asked).splitlines()
    (counted,) = [line for line in table if hashlib.sha256(key.encode()).hexdigest() in line]
    assert f"gpc0={REQUESTS} gpc0_rate(60000)={REQUESTS}" in counted


def test_a_reload_counts_on(lab: EdgeLab, key: str) -> None:
    assert statuses(lab, key, REQUESTS - 1) == [200] * (REQUESTS - 1)
    for max_connections in (500, 501):
        lab.admin.reload(lab.write_config(max_connections=max_connections), lab.deadline())
    # The map of keys is read anew; this one was only told.
    lab.admin.add_key(hashlib.sha256(key.encode()).hexdigest(), "one", lab.deadline())
    assert statuses(lab, key, 2) == [200, 429]
