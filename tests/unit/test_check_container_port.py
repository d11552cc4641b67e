"""container.port: who holds it"""

from __future__ import annotations

import pytest

from tests.support.findings import ask
from tests.support.plans import plan
from tests.support.readings import agrees, container, read_line
from toolkit.checks.container_port import container_port
from toolkit.facts import LogFact, PortFact


@pytest.mark.parametrize(
    ("service", "line", "cause", "remedy"),
    [
        (
            "redis",
            "# Warning: Could not create server TCP listening socket 10.9.9.9:6379: bind: Cannot assign requested address",
            "not one of its container",
            "bind 0.0.0.0",
        ),
        (
            "edge",
            "driver failed programming external connectivity: listen tcp4 127.0.0.1:8001: bind: address already in use",
            "127.0.0.1:8001",
            "services.edge.port",
        ),
        (
            "edge",
            "Bind for 127.0.0.1:8001 failed: port is already allocated",
            "another process or container",
            "docker ps",
        ),
        (
            "llm-general",
            "OSError: [Errno 98] error while attempting to bind on address ('0.0.0.0', 8000): address already in use",
            "port",
            "port",
        ),
        (
            "edge",
            "listen tcp 10.9.9.9:80: bind: cannot assign requested address",
            "not one of this machine",
            "ip address",
        ),
    ],
)
def test_a_line_is_read(service: str, line: str, cause: str, remedy: str) -> None:
    agrees(container_port, service, line, cause, remedy)


ALLOCATED = "Bind for 127.0.0.1:8001 failed: port is already allocated"


def test_the_holder_is_named_and_a_port_that_nobody_holds_is_the_engine_s_own_matter() -> None:
    other = (PortFact("edge", "127.0.0.1", 8001, "nginx (pid 812)"),)
    found = read_line(container_port, ALLOCATED, service="edge", ports=other)
    assert "127.0.0.1:8001 is held by nginx (pid 812)" in found.evidence
    nobody = (PortFact("edge", "127.0.0.1", 8001, ""),)
    found = read_line(container_port, ALLOCATED, service="edge", ports=nobody)
    assert "docker-proxy" in found.cause
    assert "restart the engine" in found.remedy


def test_a_socket_file_is_no_port() -> None:
    told = (LogFact("edge", ("bind() to unix:/tmp/s/a.sock failed (98: Address already in use)",)),)
    assert ask(container_port, plan(), logs=told, containers=(container("edge"),)) == ()
