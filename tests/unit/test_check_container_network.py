"""container.network: what the engine refuses of networks"""

from __future__ import annotations

import pytest

from tests.support.readings import agrees
from toolkit.checks.container_network import container_network


@pytest.mark.parametrize(
    ("service", "line", "cause", "remedy"),
    [
        (
            "edge",
            "could not find an available, non-overlapping IPv4 address pool among the defaults to assign to "
            "the network",
            "no address range",
            "docker network prune",
        ),
        ("edge", "iptables: No chain/target/match by that name.", "iptables", "restart docker"),
        (
            "redis",
            "network global declared as external, but could not be found",
            "the network global is not there: an external one is",
            "`docker network create` it where it is",
        ),
        (
            "redis",
            "no configured subnet or ip-range contain the IP address 172.30.0.5",
            "the fixed address of a container does not lie in",
            "give the network a subnet (ipam) that",
        ),
        (
            "redis",
            "Error response from daemon: endpoint with name p-redis-1 already exists in network p_cache",
            "still has a container p-redis-1 in its network",
            "docker network disconnect -f",
        ),
        (
            "compose",
            'network p_cache was found but has incorrect label com.docker.compose.network set to ""',
            "made by somebody else or with other options",
            "docker network rm",
        ),
        (
            "edge",
            "kernel: nf_conntrack: nf_conntrack: table full, dropping packet",
            "table of connections",
            "nf_conntrack_max",
        ),
        (
            "edge",
            "Chain FORWARD (policy DROP 0 packets, 0 bytes)",
            "does not let traffic of containers through",
            "DOCKER-USER",
        ),
    ],
)
def test_a_line_is_read(service: str, line: str, cause: str, remedy: str) -> None:
    agrees(container_network, service, line, cause, remedy)
