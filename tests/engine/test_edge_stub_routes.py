"""A real HAProxy before applications: which path leads where, who stays with whom, what is everybody's."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.support.edge_lab import KEY, EdgeLab, docker, edge_lab, until
from toolkit.planning.edge import EdgeCache
from toolkit.planning.edge_pools import EdgeServer
from toolkit.planning.edge_routes import EdgeRoute, Sticky

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.engine
REPLICAS = 2


def route(name: str, prefix: str, **more: Any) -> EdgeRoute:
    return EdgeRoute(name, prefix, (EdgeServer(name, name, 8080),), 1.0, health_path="/health", **more)


API = route("api-server", "/api", replicas=REPLICAS, sticky=Sticky("SERVERID", 3600.0), micro_cache=True)
AUTH = route("auth-server", "/api/auth")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeLab]:
    parts: dict[str, Any] = {"cache": EdgeCache("one"), "routes": (API, AUTH)}
    with edge_lab(tmp_path_factory.mktemp("edge"), **parts) as running:
        running.make_ready()
        until(lambda: len(hosts(running)) == REPLICAS, "both replicas serve")
        until(lambda: get(running, "/api/auth").status_code == 200, "the other application serves")
        until(lambda: "x-cache" in get(running, "/api/start").headers, "the cache is in use")
        yield running


def get(lab: EdgeLab, path: str, **headers: str) -> httpx.Response:
    return httpx.get(lab.url + path, headers=headers, timeout=15)


def hosts(lab: EdgeLab) -> Counter[str]:
    """Who answers users without a cookie, each for himself."""
    answers = [get(lab, f"/api/hosts/{number}", Authorization="own") for number in range(8)]
    return Counter(a.json()["host"] for a in answers if a.status_code == 200)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/api", "api-server"),
        ("/api/", "api-server"),
        ("/api?a=b", "api-server"),
        ("/api/authors", "api-server"),
        ("/api/auth", "auth-server"),
        ("/api/auth/login", "auth-server"),
    ],
)
def test_a_prefix_is_whole_segments_and_the_longest_counts(lab: EdgeLab, path: str, name: str) -> None:
    answer = get(lab, path)
    assert answer.status_code == 200
    assert answer.headers["x-served-by"].startswith(name)
    assert answer.json()["path"] == path


@pytest.mark.parametrize("path", ["/apix", "/API", "/ap", "//api", "/%61pi"])
def test_what_only_resembles_a_prefix_is_the_edge_s(lab: EdgeLab, path: str) -> None:
    answer = get(lab, path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "invalid_api_key")
    assert get(lab, path, Authorization=f"Bearer {KEY}").status_code == 404


def test_an_application_has_its_own_authentication(lab: EdgeLab) -> None:
    answer = get(lab, "/api/x", Authorization="Bearer of the application", X_Edge_To="ask:llm-fast")
    headers = answer.json()["headers"]
    assert headers["authorization"] == "Bearer of the application"
    assert not [name for name in headers if name.startswith("x-edge")]


def test_nobody_can_say_where_he_comes_from(lab: EdgeLab) -> None:
    headers = get(lab, "/api/x", **{"X-Forwarded-For": "6.6.6.6", "Authorization": "own"}).json()["headers"]
    assert headers["x-forwarded-for"] not in {"", "6.6.6.6"}


def test_a_body_may_be_larger_than_a_model_s(lab: EdgeLab) -> None:
    answer = httpx.post(f"{lab.url}/api/upload", content=b"a" * 1_000_000, timeout=15)
    assert (answer.status_code, answer.json()["length"]) == (200, 1_000_000)


def test_users_spread_and_each_stays_with_one(lab: EdgeLab) -> None:
    assert len(hosts(lab)) == REPLICAS
    with httpx.Client(base_url=lab.url, headers={"Authorization": "own"}) as user:
        first = user.get("/api/x")
        assert {user.get("/api/x").json()["host"] for _ in range(6)} == {first.json()["host"]}
        assert "cookie" not in user.get("/api/x").json()["headers"]
    cookie = first.headers["set-cookie"]
    assert cookie.startswith("SERVERID=")
    assert "HttpOnly" in cookie


def test_a_lost_replica_costs_its_users_only_their_place(lab: EdgeLab) -> None:
    with httpx.Client(base_url=lab.url, headers={"Authorization": "own"}, timeout=15) as user:
        first = user.get("/api/x").json()["host"]
        docker("kill", first)
        after = [user.get("/api/x") for _ in range(4)]
    assert {answer.status_code for answer in after} == {200}
    assert first not in {answer.json()["host"] for answer in after}
    lab.compose("up", "-d", "--no-build", "--pull", "never")
    until(lambda: len(hosts(lab)) == REPLICAS, "both replicas serve again")


def test_recreated_replicas_are_found_again(lab: EdgeLab) -> None:
    before = set(hosts(lab))
    lab.compose("up", "-d", "--no-build", "--pull", "never", "--force-recreate", "--no-deps", "api-server")
    until(lambda: len(set(hosts(lab)) - before) == REPLICAS, "both new ones serve")


def test_no_server_at_all_is_said_in_json(lab: EdgeLab) -> None:
    lab.compose("stop", "-t", "0", "auth-server")
    answer = get(lab, "/api/auth")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert "No server of the application" in answer.json()["error"]["message"]
    lab.compose("start", "auth-server")
    until(lambda: get(lab, "/api/auth").status_code == 200, "it is back")


def test_what_has_no_owner_is_kept_for_seconds(lab: EdgeLab) -> None:
    until(lambda: get(lab, "/api/page").headers["x-cache"] == "HIT", "the page is kept")
    first, second = get(lab, "/api/page"), get(lab, "/api/page?other")
    assert second.headers["x-cache"] == "MISS"
    assert first.json() != second.json()
    assert "set-cookie" not in first.headers


@pytest.mark.parametrize(
    "headers", [{"Cookie": "a=b"}, {"Authorization": "own"}, {"Accept": "text/event-stream"}], ids=str
)
def test_who_says_who_he_is_gets_his_own(lab: EdgeLab, headers: dict[str, str]) -> None:
    answers = [get(lab, "/api/own", **headers) for _ in range(2)]
    assert [answer.headers.get("x-cache") for answer in answers] == [None, None]
    assert answers[0].json() != answers[1].json()


@pytest.mark.parametrize(
    "header", ["Set-Cookie:a=b", "Cache-Control:private", "Cache-Control:no-store", "Vary:*"]
)
def test_what_has_an_owner_is_not_kept(lab: EdgeLab, header: str) -> None:
    path = f"/api/owned?header={header}"
    answers = [get(lab, path) for _ in range(3)]
    assert "HIT" not in {answer.headers["x-cache"] for answer in answers}
    assert len({(a.json()["host"], a.json()["number"]) for a in answers}) == 3


@pytest.mark.parametrize("path", ["/api/auth", "/api/failed?status=500"])
def test_neither_other_routes_nor_errors_are_kept(lab: EdgeLab, path: str) -> None:
    assert "HIT" not in {get(lab, path).headers.get("x-cache") for _ in range(3)}
