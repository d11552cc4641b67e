"""The edge as a service: what it is told of its models, where it listens, what it mounts."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.plans import plan, service
from toolkit.errors import UsageError
from toolkit.planning.edge_pools import EdgeModel, EdgeServer, edge_pools
from toolkit.planning.plan import Mount, PublishedPort, ServicePlan

EIGHT_K = "services.llm_fast.flags.max_model_len=8192"


def values(edge: ServicePlan) -> dict[str, Any]:
    assert edge.config is not None
    return dict(edge.config.values)


def test_it_is_told_of_each_model_with_its_stand_in_and_its_places() -> None:
    edge = service("edge", "services.llm_fast.flags.max_num_seqs=4")

    general = EdgeServer("llm-general", "llm-general", 8000)
    fast = EdgeServer("llm-fast", "llm-fast", 8000)
    models = (EdgeModel("general", (general,), 16, "fast"), EdgeModel("fast", (fast,), 4, "general"))
    assert values(edge)["pools"] == edge_pools(models)


def test_it_takes_bodies_for_the_longest_context() -> None:
    assert values(service("edge"))["body_limit"] == 6144 * 12
    assert values(service("edge", EIGHT_K))["body_limit"] == 8192 * 12


def test_it_has_one_thread_for_each_whole_core() -> None:
    found = [values(service("edge", f"services.edge.cpus={cpus}"))["threads"] for cpus in ("0.5", "1.9", "4")]
    assert found == [1, 1, 4]


def test_it_listens_where_the_profile_says() -> None:
    edge = service("edge", 'services.edge.address="::1"', "services.edge.port=9000")
    assert edge.ports == (PublishedPort("::1", 9000, 8080),)


def test_its_files_are_reloaded_and_its_keys_are_state() -> None:
    edge = service("edge")

    assert edge.config is not None
    assert edge.config.stable
    assert Mount("bind", ".toolkit/testing/edge", "/etc/haproxy/keys", read_only=True) in edge.mounts


def test_a_profile_s_waiting_times_reach_it_in_milliseconds() -> None:
    edge = service("edge", "services.edge.timeouts.read=5m", "services.edge.check_interval=500ms")
    known = values(edge)
    assert (known["read_ms"], known["check_interval_ms"], known["check_timeout_ms"]) == (300_000, 500, 1500)


def test_without_a_model_there_is_no_edge() -> None:
    none = plan("services.llm_general.enabled=false", "services.llm_fast.enabled=false")
    assert none.service("edge") is None
    assert none.models == ()


def test_edge_and_cache_share_a_directory_in_memory_and_nothing_else() -> None:
    edge, cache = service("edge"), service("response-cache")
    shared = set(edge.mounts) & set(cache.mounts)
    assert [(m.source, m.target, m.memory_bytes) for m in shared] == [
        ("edge-sockets", "/run/edge-sockets", 2**20)
    ]
    assert cache.networks == ()
    assert cache.ports == ()
    alone = service("edge", "services.response_cache.enabled=false")
    assert all(mount.memory_bytes is None for mount in alone.mounts)


ROUTED = (
    'services.api_server.image="example/api:1"',
    "services.api_server.route=/api",
    "services.api_server.health_path=/api/health",
    "services.api_server.replicas=2",
)


def test_an_application_with_a_route_is_reached_by_all_its_replicas() -> None:
    (route,) = values(service("edge", *ROUTED))["routes"]
    assert (route.prefix, route.health_path, route.replicas) == ("/api", "/api/health", 2)
    assert [(one.host, one.port) for one in route.servers] == [("api-server", 8080)]
    assert (route.cookie, route.max_life_s, route.check_ms) == ("SERVERID", 3600, 5000)
    assert "apps" in service("edge", *ROUTED).networks


def test_an_application_of_another_host_has_a_port_for_each_replica() -> None:
    edge = plan(environment="production", machine="two-hosts").service("edge")
    assert edge is not None
    api = next(route for route in values(edge)["routes"] if route.prefix == "/api")
    assert [(one.host, one.port) for one in api.servers] == [("10.0.0.2", 8080), ("10.0.0.2", 8081)]


def test_a_route_that_cannot_be_is_refused() -> None:
    with pytest.raises(UsageError) as caught:
        service("edge", *ROUTED, "services.api_server.route=/v1/mine")
    assert caught.value.problems[0].what == "this path is the edge's own"


def test_a_limit_for_each_key() -> None:
    assert values(service("edge"))["rate"] is None
    rate = values(service("edge", "services.edge.rate_limit.requests=60"))["rate"]
    assert (rate.requests, rate.window_ms) == (60, 60_000)


def test_other_models_are_another_generation_of_answers() -> None:
    def generation(*sets: str) -> str:
        return str(values(service("edge", *sets))["cache"].generation)

    assert generation() == generation("services.edge.port=9000")
    assert generation() != generation("services.llm_fast.flags.max_model_len=2048")


def test_applications_alone_have_an_edge_that_takes_small_bodies() -> None:
    off = ("services.llm_general.enabled=false", "services.llm_fast.enabled=false")
    edge = service("edge", *off, "services.api_server.image=x:1", "services.api_server.route=/api")
    assert (values(edge)["pools"], values(edge)["body_limit"]) == ((), 64 << 10)
