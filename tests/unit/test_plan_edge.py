"""The edge as a service: what it is told of its models, where it listens, what it mounts."""

from __future__ import annotations

from tests.support.plans import plan, service
from toolkit.planning.edge_pools import EdgeModel, EdgeServer, edge_pools
from toolkit.planning.plan import Mount, PublishedPort, ServicePlan

EIGHT_K = "services.llm_fast.flags.max_model_len=8192"


def values(edge: ServicePlan) -> dict[str, object]:
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
    assert edge.mounts == (Mount("bind", ".toolkit/testing/edge", "/etc/haproxy/keys", read_only=True),)


def test_a_profile_s_waiting_times_reach_it_in_milliseconds() -> None:
    edge = service("edge", "services.edge.timeouts.read=5m", "services.edge.check_interval=500ms")
    known = values(edge)
    assert (known["read_ms"], known["check_interval_ms"], known["check_timeout_ms"]) == (300_000, 500, 1500)


def test_without_a_model_there_is_no_edge() -> None:
    none = plan("services.llm_general.enabled=false", "services.llm_fast.enabled=false")
    assert none.service("edge") is None
    assert none.models == ()
