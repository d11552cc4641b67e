"""The routes of applications: which prefix comes first, which is refused, what the configuration makes of them."""

from __future__ import annotations

import pytest

from tests.support import edge_config
from tests.support.edge_config import sections, servers
from toolkit.planning.edge import EdgeCache, EdgeExtras, EdgeTimeouts, edge_values
from toolkit.planning.edge_pools import EdgeServer
from toolkit.planning.edge_routes import EdgeRoute, Sticky, route_values
from toolkit.values import replace

API = EdgeRoute("api-server", "/api", (EdgeServer("api-server", "api-server", 8080),), 5.0, replicas=3)
AUTH = EdgeRoute("auth-server", "/api/auth", (EdgeServer("auth-server", "10.0.0.2", 8201),), 5.0)
STICKY = replace(API, health_path="/health", sticky=Sticky("SERVERID", 3600.0), micro_cache=True)


def config(*routes: EdgeRoute, cache: EdgeCache | None = None) -> dict[str, str]:
    return sections(edge_config.text("haproxy.cfg", edge_config.values(routes=routes, cache=cache))[0])


def test_the_longest_prefix_comes_first() -> None:
    assert [route.name for route in route_values([API, AUTH])] == ["auth-server", "api-server"]


def test_a_server_that_is_down_is_looked_at_five_times_as_often() -> None:
    (route,) = route_values([API])
    assert (route.check_ms, route.down_check_ms) == (5000, 1000)


@pytest.mark.parametrize(
    ("prefix", "words"),
    [
        ("api", "is no path such as '/api'"),
        ("/api/", "is no path"),
        ("/", "is no path"),
        ("/a b", "is no path"),
        ("/v1", "is the edge's own"),
        ("/v1/files", "is the edge's own"),
        ("/healthz", "is the edge's own"),
    ],
)
def test_what_is_no_route_is_refused(prefix: str, words: str) -> None:
    with pytest.raises(ValueError, match=f"route of api-server: '{prefix}' {words}"):
        route_values([replace(API, prefix=prefix)])


def test_a_prefix_that_only_looks_like_the_edge_s_own_is_free() -> None:
    assert route_values([replace(API, prefix="/v10")])[0].prefix == "/v10"


def test_a_prefix_belongs_to_one() -> None:
    with pytest.raises(ValueError, match="'/api' is given twice"):
        route_values([API, replace(AUTH, prefix="/api")])


def test_a_route_needs_a_server() -> None:
    with pytest.raises(ValueError, match="'/api' has no server"):
        route_values([replace(API, servers=())])


def test_replicas_are_as_many_addresses_of_one_name() -> None:
    made = config(API, AUTH)
    assert "    balance leastconn\n" in made["backend route:api-server"]
    assert "    server-template api-server- 3 api-server:8080 check" in made["backend route:api-server"]
    assert servers(made["backend route:auth-server"]) == ["auth-server 10.0.0.2:8201 check"]
    assert "option httpchk" not in made["backend route:api-server"]
    assert "cookie" not in made["backend route:api-server"]


def test_a_sticky_one_sets_its_cookie_only_where_answers_are_not_shared() -> None:
    made = config(STICKY, cache=EdgeCache("one"))
    cookie = "    cookie SERVERID insert indirect nocache httponly maxlife 3600s dynamic\n"
    assert cookie in made["backend route:api-server"]
    assert "    option httpchk GET /health\n" in made["backend route:api-server"]
    assert "cookie" not in made["backend shared:api-server"]
    assert "set-header x-edge-to shared:api-server if METH_GET" in made["frontend edge"]


def test_without_a_cache_nothing_is_shared() -> None:
    made = config(STICKY)
    assert "backend shared:api-server" not in made
    assert "x-edge-to" not in made["frontend edge"]


def test_an_edge_may_have_routes_alone() -> None:
    plain = edge_config.values()
    timeouts = EdgeTimeouts(10.0, 90.0, 90.0, 10.0)
    alone = edge_values(
        models=(),
        largest_max_model_len=0,
        max_connections=plain.max_connections,
        threads=1,
        timeouts=timeouts,
        check_interval_s=1.0,
        extras=EdgeExtras(routes=(AUTH,)),
    )
    made = sections(edge_config.text("haproxy.cfg", alone)[0])
    assert "default_backend" not in made["frontend edge"]
    assert "unless routed or FALSE\n" in made["frontend edge"]
