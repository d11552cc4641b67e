"""Settings → Plan: what runs, on which networks, from which images, for whom."""

from __future__ import annotations

import pytest

from tests.support.plans import plan, service, settings
from toolkit.errors import UsageError
from toolkit.planning.build import build_plan
from toolkit.planning.plan import LogRotation, ModelEndpoint, OwnedVolume, PublishedPort

NO_MODELS = ("services.llm_general.enabled=false", "services.llm_fast.enabled=false")
NO_DATA = tuple(f"services.{key}.enabled=false" for key in ("redis", "mariadb", "vector_db"))


def names(*sets: str) -> list[str]:
    return [service.name for service in plan(*sets).services]


def test_all_services_in_the_order_of_their_start() -> None:
    assert names() == [
        *("redis", "mariadb", "vector-db", "response-cache", "edge"),
        *("prometheus", "llm-general", "llm-fast"),
    ]


@pytest.mark.parametrize(
    ("sets", "left", "networks"),
    [
        (NO_MODELS, ["redis", "mariadb", "vector-db"], {"data": True}),
        (
            NO_DATA,
            ["response-cache", "edge", "prometheus", "llm-general", "llm-fast"],
            {"public": False, "inference": True},
        ),
        (
            ("services.edge.enabled=false", *NO_DATA),
            ["prometheus", "llm-general", "llm-fast"],
            {"inference": True},
        ),
        (
            ("services.llm_fast.enabled=false", *NO_DATA),
            ["response-cache", "edge", "prometheus", "llm-general"],
            {"public": False, "inference": True},
        ),
    ],
)
def test_what_is_not_enabled_is_not_there_nor_is_its_network(
    sets: tuple[str, ...], left: list[str], networks: dict[str, bool]
) -> None:
    assert names(*sets) == left
    assert dict(plan(*sets).networks) == networks


def test_nothing_enabled_is_refused() -> None:
    with pytest.raises(UsageError) as caught:
        plan(*NO_MODELS, *NO_DATA)
    assert str(caught.value) == "services: nothing is enabled\n  next: set `enabled: true` on a service"


def test_only_the_edge_is_published_and_only_public_and_hub_networks_lead_out() -> None:
    offline, online = plan(), plan(machine="cpu-online")

    assert {s.name: s.ports for s in offline.services if s.ports} == {
        "edge": (PublishedPort("127.0.0.1", 8001, 8080),)
    }
    assert dict(offline.networks) == {"public": False, "inference": True, "data": True}
    assert dict(online.networks) == {"public": False, "inference": False, "data": True}


def test_each_environment_has_its_own_project_and_port() -> None:
    plans = [plan(environment=name) for name in ("development", "testing", "production")]
    edges = [p.service("edge") for p in plans]

    assert [p.project for p in plans] == ["llm-development", "llm-testing", "llm-production"]
    assert [edge.ports[0].host_port for edge in edges if edge] == [8000, 8001, 8002]
    assert [p.wait_for_models for p in plans] == [False, False, True]
    assert plan("project=mine").project == "mine-testing"


def test_the_other_model_stands_in_where_there_is_one() -> None:
    assert plan().models == (
        ModelEndpoint("general", ("llm-general",), "fast"),
        ModelEndpoint("fast", ("llm-fast",), "general"),
    )
    alone = plan("services.llm_fast.enabled=false")
    assert alone.models == (ModelEndpoint("general", ("llm-general",), None),)


def test_every_value_that_is_still_auto_is_told_at_once() -> None:
    open_values = {
        "image_source": "auto",
        "engine": settings().engine.model_copy(update={"version": "auto"}),
        "model_cache": settings().model_cache.model_copy(update={"source": "auto"}),
    }
    services = settings().services
    fast = services.llm_fast.model_copy(update={"model": "auto"})
    open_values["services"] = services.model_copy(update={"llm_fast": fast})

    with pytest.raises(UsageError) as caught:
        build_plan(settings().model_copy(update=open_values))

    assert str(caught.value) == (
        "toolkit.yaml: values that depend on this machine are still `auto`\n"
        "   got: image_source, engine.version, model_cache.source, services.llm_fast.model\n"
        "  next: run `toolkit init`: it looks at the machine and writes them to toolkit.yaml"
    )
    assert caught.value.exit_code == 2


def test_a_model_left_open_does_not_matter_where_it_is_not_served() -> None:
    assert "llm-fast" not in names("services.llm_fast.model=auto", "services.llm_fast.enabled=false")


@pytest.mark.parametrize(
    ("version", "seconds"), [("20.10", None), ("24.0", None), ("25.0", 1.0), ("28.5", 1.0)]
)
def test_quick_checks_at_the_start_need_engine_25(version: str, seconds: float | None) -> None:
    intervals = {s.health.start_interval_s for s in plan(f'engine.version="{version}"').services}
    assert intervals == {seconds}


def test_limits_and_health_come_from_the_section() -> None:
    redis = service(
        "redis", "services.redis.memory=1GiB", "services.redis.cpus=1.5", "services.redis.pids=99"
    )
    assert (redis.memory_bytes, redis.cpus, redis.pids) == (2**30, 1.5, 99)
    health = service("mariadb").health
    assert (health.interval_s, health.timeout_s, health.retries, health.start_period_s) == (
        5.0,
        5.0,
        6,
        300.0,
    )
    assert plan("logs.max_size=1MiB", "logs.max_files=2").logs == LogRotation(2**20, 2)


def test_images_are_pulled_or_built_here() -> None:
    local = {s.name: s.image for s in plan().services}
    registry = {s.name: s.image for s in plan(machine="cpu-online").services}

    assert local["llm-fast"] == "llm-stack/vllm:0.32"
    assert registry["llm-fast"] == "vllm/vllm-openai-cpu:v0.32.0"
    assert all(image.startswith("llm-stack/") for image in local.values())
    assert not any(image.startswith("llm-stack/") for image in registry.values())


def test_services_run_as_the_image_s_user_or_as_the_named_one() -> None:
    assert {s.name: s.user for s in plan().services} == {
        "redis": "999:999",
        "mariadb": "999:999",
        "vector-db": "999:999",
        "response-cache": "101:101",
        "edge": "99:99",
        "prometheus": "65534:65534",
        "llm-general": "1000:1000",
        "llm-fast": "1000:1000",
    }
    assert {s.user for s in plan(machine="cpu-online").services} == {"1001:1001"}


def test_volumes_that_no_image_has_prepared_get_an_owner() -> None:
    assert plan().owned_volumes == ()
    owners = {(v.name, v.uid, v.gid) for v in plan(machine="cpu-online").owned_volumes}
    names = (
        "redis-data",
        "mariadb-data",
        "vector-db-data",
        "response-cache",
        "prometheus-data",
        "model-cache",
    )
    assert owners == {(name, 1001, 1001) for name in names}
    cache = next(v for v in plan(machine="cpu-online").owned_volumes if v.name == "model-cache")
    assert cache == OwnedVolume("model-cache", "llm-general", "/cache", 1001, 1001)


def test_a_service_that_is_not_there_is_none() -> None:
    assert plan().service("no-such-service") is None
