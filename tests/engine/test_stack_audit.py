"""Every container of the running stack is locked down as promised."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.engine import containers_of, inside, inspect
from tests.support.stack import SERVICES
from toolkit.planning.build import build_plan
from toolkit.profile.load import load_profile
from toolkit.resources import resource_dir

if TYPE_CHECKING:
    from tests.support.stack import Stack
    from toolkit.planning.plan import Plan

READ_ONLY = ("edge", "mariadb", "prometheus", "redis", "response-cache")
pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def plan(stack: Stack) -> Plan:
    loaded = load_profile(
        stack.directory,
        environment=stack.environment,
        hardware=None,
        sets=stack.sets,
        profiles_dir=resource_dir("profiles"),
    )
    return build_plan(loaded.settings)


def host_config(stack: Stack, service: str) -> dict[str, Any]:
    return dict(inspect(stack.container(service))["HostConfig"])


@pytest.mark.parametrize("service", SERVICES)
def test_no_container_has_more_than_it_needs(stack: Stack, service: str) -> None:
    host = host_config(stack, service)
    assert (host["Privileged"], host["CapDrop"], host["CapAdd"] or []) == (False, ["ALL"], [])
    assert "no-new-privileges:true" in host["SecurityOpt"]
    assert not {"seccomp=unconfined", "apparmor=unconfined"} & set(host["SecurityOpt"])
    assert host["NetworkMode"] == "none" or host["NetworkMode"].startswith(f"{stack.project}_")
    assert (host["PidMode"], host["IpcMode"], host["UTSMode"]) == ("", "private", "")
    assert host["Devices"] in (None, [])
    assert not any("docker.sock" in str(mount) for mount in inspect(stack.container(service))["Mounts"])
    uid = inside(stack.container(service), "id", "-u").stdout.strip()
    assert uid not in {"", "0"}
    status = inside(stack.container(service), "cat", "/proc/1/status").stdout
    assert {"CapEff:\t0000000000000000", "CapBnd:\t0000000000000000", "NoNewPrivs:\t1"} <= set(
        status.splitlines()
    )


def test_these_are_all_containers(stack: Stack) -> None:
    assert set(containers_of(stack.project)) == {stack.container(service) for service in SERVICES}


@pytest.mark.parametrize("service", SERVICES)
def test_no_secret_is_in_an_environment(stack: Stack, service: str) -> None:
    environment = "\n".join(inspect(stack.container(service))["Config"]["Env"])
    assert [name for name, value in stack.secrets().items() if value in environment] == []


@pytest.mark.parametrize("service", SERVICES)
def test_limits_are_those_of_the_plan(stack: Stack, plan: Plan, service: str) -> None:
    host = host_config(stack, service)
    planned = plan.service(service)
    assert planned is not None
    assert host["Memory"] == host["MemorySwap"] == planned.memory_bytes > 0
    assert host["NanoCpus"] == round(planned.cpus * 1e9) > 0
    assert host["PidsLimit"] == planned.pids > 0
    size = f"{plan.logs.max_bytes // 2**20}m"
    rotation = {"max-size": size, "max-file": str(plan.logs.max_files)}
    assert host["LogConfig"] == {"Type": "json-file", "Config": rotation}
    assert host["RestartPolicy"]["Name"] == "unless-stopped"


def test_root_file_systems_are_read_only_where_nothing_is_written(stack: Stack) -> None:
    assert {s: host_config(stack, s)["ReadonlyRootfs"] for s in READ_ONLY} == dict.fromkeys(READ_ONLY, True)


def test_mariadb_has_a_minute_to_stop(stack: Stack) -> None:
    assert inspect(stack.container("mariadb"))["Config"]["StopTimeout"] >= 60
