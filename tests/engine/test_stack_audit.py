"""Every container of the running stack is locked down as promised, and no secret can be seen from outside."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.engine import docker, execute, inside, inspect, logs
from tests.support.stack import SERVICES
from toolkit.planning.build import build_plan
from toolkit.profile.load import load_profile
from toolkit.resources import resource_dir

if TYPE_CHECKING:
    from tests.support.command_lines import CommandLines
    from tests.support.stack import Stack
    from toolkit.planning.plan import Plan

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
    assert host["NetworkMode"].startswith(f"{stack.project}_")
    assert (host["PidMode"], host["IpcMode"], host["UTSMode"]) == ("", "private", "")
    assert host["Devices"] in (None, [])
    assert not any("docker.sock" in str(mount) for mount in inspect(stack.container(service))["Mounts"])
    uid = inside(stack.container(service), "id", "-u").stdout.strip()
    assert uid not in {"", "0"}
    status = inside(stack.container(service), "cat", "/proc/1/status").stdout
    assert {"CapEff:\t0000000000000000", "CapBnd:\t0000000000000000", "NoNewPrivs:\t1"} <= set(status.splitlines())


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
    assert {s: host_config(stack, s)["ReadonlyRootfs"] for s in ("edge", "mariadb", "redis")} == {
        "edge": True,
        "mariadb": True,
        "redis": True,
    }


def test_mariadb_has_a_minute_to_stop(stack: Stack) -> None:
    assert inspect(stack.container("mariadb"))["Config"]["StopTimeout"] >= 60


def test_only_the_edge_is_published_and_only_on_this_machine(stack: Stack) -> None:
    published = {service: host_config(stack, service)["PortBindings"] or {} for service in SERVICES}
    ours = {"8080/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(stack.port)}]}
    assert published == {service: ours if service == "edge" else {} for service in SERVICES}
    assert docker("port", stack.container("edge")) == f"8080/tcp -> 127.0.0.1:{stack.port}"


def test_networks_are_apart(stack: Stack) -> None:
    inner = {n: json.loads(docker("network", "inspect", f"{stack.project}_{n}"))[0]["Internal"] for n in NETWORKS}
    assert inner == {"public": False, "inference": True, "data": True}
    members = {service: set(inspect(stack.container(service))["NetworkSettings"]["Networks"]) for service in SERVICES}
    wanted = {service: {f"{stack.project}_{n}" for n, some in NETWORKS.items() if service in some} for service in SERVICES}
    assert members == wanted


NETWORKS = {
    "public": {"edge"},
    "inference": {"edge", "llm-general", "llm-fast"},
    "data": {"redis", "mariadb"},
}


@pytest.mark.parametrize("source", ["edge", "llm-general"])
def test_the_data_tier_cannot_be_reached_from(stack: Stack, source: str) -> None:
    for target, port in (("redis", 6379), ("mariadb", 3306)):
        networks = inspect(stack.container(target))["NetworkSettings"]["Networks"]
        address = networks[f"{stack.project}_data"]["IPAddress"]
        assert inside(stack.container(target), "bash", "-c", f"echo > /dev/tcp/{address}/{port}").returncode == 0
        for name in (target, address):
            knock = f"echo > /dev/tcp/{name}/{port} && echo open"
            assert inside(stack.container(source), "timeout", "1", "bash", "-c", knock).stdout == ""


def test_the_edge_reaches_its_servers_but_they_no_other_network(stack: Stack) -> None:
    public = inspect(stack.container("edge"))["NetworkSettings"]["Networks"][f"{stack.project}_public"]["IPAddress"]
    reach = "timeout 2 bash -c 'echo > /dev/tcp/{}/{}' && echo open"
    assert inside(stack.container("edge"), "bash", "-c", reach.format("llm-fast", 8000)).stdout == "open\n"
    assert inside(stack.container("edge"), "bash", "-c", reach.format(public, 8080)).stdout == "open\n"
    assert inside(stack.container("llm-fast"), "bash", "-c", reach.format(public, 8080)).stdout == ""


def test_no_secret_can_be_seen(stack: Stack, command_lines: CommandLines) -> None:
    values = stack.secrets()
    assert set(values) >= {"mariadb-root-password", "mariadb-password", "redis-app-password", "default.key"}
    compose = ("docker", "compose", "--project-name", stack.project, "--file", str(stack.build / "compose.yaml"))
    places = {
        "compose config": execute(*compose, "config").stdout,
        "the command's own words": "".join(ran.out + ran.err for ran in stack.ran),
        **{f"inspect {service}": json.dumps(inspect(stack.container(service))) for service in SERVICES},
        **{f"logs {service}": logs(stack.container(service)) for service in SERVICES},
        **{str(file): file.read_text() for file in stack.build.rglob("*") if file.is_file()},
    }
    assert places["compose config"]
    found = [(place, name) for place, text in places.items() for name, value in values.items() if value in text]
    assert found == []
    assert command_lines.with_any([str(stack.directory)]) != []
    assert command_lines.with_any(list(values.values())) == []


def test_the_state_is_closed_to_others(stack: Stack) -> None:
    def mode(path: Any) -> int:
        return stat.S_IMODE(path.stat().st_mode)

    closed = [stack.directory / ".toolkit", stack.state, stack.state / "secrets", stack.state / "keys"]
    assert {str(path): mode(path) for path in closed} == {str(path): 0o700 for path in closed}
    files = [*(stack.state / "secrets").iterdir(), *(stack.state / "keys").iterdir()]
    assert len(files) >= 6
    assert {file.name: mode(file) for file in files} == {file.name: 0o600 for file in files}
