"""Who reaches whom in the running stack: only the edge is published, and the data tier is apart."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support.engine import docker, inside, inspect
from tests.support.stack import SERVICES

if TYPE_CHECKING:
    from tests.support.stack import Stack

pytestmark = pytest.mark.engine
NETWORKS = {
    "public": {"edge"},
    "inference": {"edge", "llm-general", "llm-fast", "prometheus"},
    "data": {"redis", "mariadb", "vector-db"},
}


def test_only_the_edge_is_published_and_only_on_this_machine(stack: Stack) -> None:
    published = {
        service: inspect(stack.container(service))["HostConfig"]["PortBindings"] or {} for service in SERVICES
    }
    ours = {"8080/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(stack.port)}]}
    assert published == {service: ours if service == "edge" else {} for service in SERVICES}
    assert docker("port", stack.container("edge")) == f"8080/tcp -> 127.0.0.1:{stack.port}"


def test_networks_are_apart(stack: Stack) -> None:
    inner = {
        n: json.loads(docker("network", "inspect", f"{stack.project}_{n}"))[0]["Internal"] for n in NETWORKS
    }
    assert inner == {"public": False, "inference": True, "data": True}
    members = {
        service: set(inspect(stack.container(service))["NetworkSettings"]["Networks"]) for service in SERVICES
    }
    wanted = {
        service: {f"{stack.project}_{n}" for n, some in NETWORKS.items() if service in some}
        for service in SERVICES
    }
    # Over sockets that it shares with the edge, and over nothing else.
    wanted["response-cache"] = {"none"}
    assert members == wanted


# A port, and what makes its server answer; MariaDB speaks first, PostgreSQL is asked whether it would encrypt.
HELLOS = {
    "redis": (6379, "PING\\r\\n"),
    "mariadb": (3306, ""),
    "vector-db": (5432, "\\x00\\x00\\x00\\x08\\x04\\xd2\\x16\\x2f"),
}


def answer(stack: Stack, source: str, target: str, port: int, hello: str, within_s: int) -> str:
    """Return the first byte, in hex, that `source` gets from there; "" where nobody answers in time."""
    talk = f"exec 3<>/dev/tcp/{target}/{port} && printf '{hello}' >&3 && head -c 1 <&3 | od -An -tx1"
    return inside(stack.container(source), "timeout", str(within_s), "bash", "-c", talk).stdout.strip()


@pytest.mark.parametrize("source", ["edge", "llm-general"])
def test_the_data_tier_cannot_be_reached_from(stack: Stack, source: str) -> None:
    for target, (port, hello) in HELLOS.items():
        networks = inspect(stack.container(target))["NetworkSettings"]["Networks"]
        address = networks[f"{stack.project}_data"]["IPAddress"]
        own = answer(stack, target, address, port, hello, 60)
        assert own != ""
        for name in (target, address):
            # Beyond this machine something may accept any connection: what counts is who answers.
            assert answer(stack, source, name, port, hello, 1) != own


def test_the_edge_reaches_its_servers_but_they_no_other_network(stack: Stack) -> None:
    public = inspect(stack.container("edge"))["NetworkSettings"]["Networks"][f"{stack.project}_public"][
        "IPAddress"
    ]
    reach = "timeout {} bash -c 'echo > /dev/tcp/{}/{}' && echo open"
    for target, port in (("llm-fast", 8000), (public, 8080)):
        assert (
            inside(stack.container("edge"), "bash", "-c", reach.format(60, target, port)).stdout == "open\n"
        )
    assert inside(stack.container("llm-fast"), "bash", "-c", reach.format(2, public, 8080)).stdout == ""
