"""What the plan owns of a Compose service, leaf by leaf."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.support.plans import bundle, plan
from toolkit.planning.plan import (
    HealthTimings,
    LogRotation,
    Mount,
    PublishedPort,
    Scratch,
    SecretFile,
    ServicePlan,
)
from toolkit.render.compose import planned_leaves, project, service_hash
from toolkit.values import replace

BARE = ServicePlan(
    name="redis",
    part_of="redis",
    host="local",
    fragment="redis",
    pin="redis",
    image="redis:8.0",
    user="999:998",
    memory_bytes=256 * 2**20,
    cpus=0.5,
    pids=64,
    health=HealthTimings(5.0, 3.0, 5, 30.0, None),
    networks=("data",),
)
PLAN = replace(plan(), logs=LogRotation(10 * 2**20, 3))


def leaves(**changes: Any) -> dict[str, Any]:
    return planned_leaves(PLAN, replace(BARE, **changes), ())


def test_a_bare_service_has_no_empty_leaves() -> None:
    assert leaves() == {
        "image": "redis:8.0",
        "user": "999:998",
        "networks": ["data"],
        "healthcheck": {"interval": "5s", "timeout": "3s", "retries": 5, "start_period": "30s"},
        "pids_limit": 64,
        "mem_limit": "256m",
        "memswap_limit": "256m",
        "cpus": 0.5,
        "logging": {"driver": "json-file", "options": {"max-size": "10m", "max-file": "3"}},
    }


@pytest.mark.parametrize(
    ("change", "leaf", "value"),
    [
        ({"ports": (PublishedPort("127.0.0.1", 8001, 8080),)}, "ports", ["127.0.0.1:8001:8080"]),
        ({"ports": (PublishedPort("::1", 8001, 8080),)}, "ports", ["[::1]:8001:8080"]),
        ({"command": ("sh", "-c", "echo $HOME $$")}, "command", ["sh", "-c", "echo $$HOME $$$$"]),
        ({"environment": {"B": "$x", "A": "1"}}, "environment", {"A": "1", "B": "$$x"}),
        ({"shm_bytes": 2 * 2**30}, "shm_size", "2g"),
        ({"memory_bytes": 1_000_000_000}, "mem_limit", "1000000000"),
        ({"secrets": (SecretFile("password", 999, 999),)}, "secrets", ["password"]),
        ({"scratch": (Scratch("/tmp", 2**20),)}, "tmpfs", ["/tmp:uid=999,gid=998,mode=0700,size=1024k"]),
        (
            {"health": HealthTimings(0.5, 3.0, 5, 1200.0, 1.0)},
            "healthcheck",
            {
                "interval": "500ms",
                "timeout": "3s",
                "retries": 5,
                "start_period": "20m",
                "start_interval": "1s",
            },
        ),
    ],
)
def test_each_part_of_the_plan_has_its_leaf(change: dict[str, Any], leaf: str, value: object) -> None:
    assert leaves(**change)[leaf] == value


def test_a_directory_of_the_host_has_to_be_there_a_volume_comes_by_itself() -> None:
    volume, bind = (
        Mount("volume", "data", "/data", read_only=False),
        Mount("bind", "/srv/$x", "/x", read_only=True),
    )

    found = leaves(mounts=(volume, bind))

    assert found["volumes"] == [
        {"type": "volume", "source": "data", "target": "/data"},
        {
            "type": "bind",
            "source": "/srv/$$x",
            "target": "/x",
            "read_only": True,
            "bind": {"create_host_path": False},
        },
    ]


def test_configuration_and_digest_file_are_mounted_read_only() -> None:
    services = yaml.safe_load(bundle().files["compose.yaml"].text)["services"]
    binds = {m["target"]: m for m in services["redis"]["volumes"] if m["type"] == "bind"}

    assert set(binds) == {"/usr/local/etc/redis", "/run/redis-acl"}
    assert binds["/usr/local/etc/redis"]["source"].startswith("./files/redis/")
    assert binds["/run/redis-acl"]["source"].startswith("../../.toolkit/testing/redis/")
    assert all(mount["read_only"] for mount in binds.values())


def test_a_project_names_only_what_it_has() -> None:
    none = replace(PLAN, services=(BARE,), networks={})
    whole = project(none, {"redis": {"image": "redis:8.0"}}, {"redis": "abc"})
    assert whole == {
        "name": "llm-testing",
        "services": {"redis": {"image": "redis:8.0", "labels": {"io.llm-stack-toolkit.hash": "abc"}}},
    }


def test_secrets_are_files_of_the_state_and_no_value_is_in_the_tree() -> None:
    whole = yaml.safe_load(bundle().files["compose.yaml"].text)
    assert whole["secrets"] == {
        name: {"file": f"../../.toolkit/testing/secrets/{name}"}
        for name in (
            "mariadb-password",
            "mariadb-root-password",
            "vector-db-admin-password",
            "vector-db-password",
        )
    }


def test_the_hash_is_of_the_content_not_of_its_order() -> None:
    body = {"image": "a", "cpus": 1.0}
    assert service_hash(body) == service_hash(dict(reversed(body.items())))
    assert service_hash(body) != service_hash({**body, "cpus": 2.0})
    assert len(service_hash(body)) == 16


@pytest.mark.parametrize("machine", ["cpu-offline", "cpu-online"])
def test_every_service_is_hardened_and_limited(machine: str) -> None:
    services = yaml.safe_load(bundle(machine=machine).files["compose.yaml"].text)["services"]
    for name, body in services.items():
        assert body["cap_drop"] == ["ALL"], name
        assert body["security_opt"] == ["no-new-privileges:true"], name
        assert body["restart"] == "unless-stopped", name
        assert body["mem_limit"] == body["memswap_limit"], name
        assert {"pids_limit", "cpus", "stop_grace_period", "logging", "healthcheck"} <= set(body), name
        assert ("ports" in body) == (name == "edge")
    assert services["mariadb"]["stop_grace_period"] == "90s"
