"""container.network: what the engine refuses"""

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
        (
            "edge",
            'Conflict. The container name "/redis" is already in use by container',
            "named redis",
            "docker inspect redis",
        ),
        (
            "edge",
            "removal of container abc is already in progress",
            "stuck in its removal",
            "restart the engine",
        ),
        (
            "edge",
            "Error response from daemon: client version 1.24 is too old. Minimum supported API version is "
            "1.44",
            "1.44",
            "min-api-version",
        ),
        (
            "edge",
            "dependency failed to start: container llm-x-1 is unhealthy",
            "start_period",
            "not its retries",
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
            "Error response from daemon: client is newer than server (client API version: 1.21, server API version: 1.19)",
            "a tool speaks an API (1.21) that this engine no",
            "update that tool (proxies and updaters",
        ),
        (
            "compose",
            "dependency failed to start: container stack-mariadb-1 exited (1)",
            "the service stack-mariadb-1 that was waited for",
            "look at its own finding and",
        ),
        (
            "redis",
            "Error: connect ECONNREFUSED 127.0.0.1:3306",
            "at localhost (port 3306)",
            "instead of localhost",
        ),
        (
            "redis",
            "Error: connect ECONNREFUSED 172.18.0.4:3306",
            "nothing listens at 172.18.0.4:3306",
            "its own finding",
        ),
        (
            "redis",
            "redis.exceptions.ConnectionError: Error -3 connecting to redis:6379. Temporary failure in name resolution.",
            "the container redis is not known by that name: it",
            "start it, put both into one network",
        ),
    ],
)
def test_a_line_is_read(service: str, line: str, cause: str, remedy: str) -> None:
    agrees(container_network, service, line, cause, remedy)
