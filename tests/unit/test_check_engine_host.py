"""engine.host: what the engine lacks of its machine"""

from __future__ import annotations

import pytest

from tests.support.readings import agrees
from toolkit.checks.engine_host import engine_host


@pytest.mark.parametrize(
    ("service", "line", "cause", "remedy"),
    [
        (
            "edge",
            "Error response from daemon: client version 1.24 is too old. Minimum supported API version is "
            "1.44",
            "1.44",
            "min-api-version",
        ),
        (
            "redis",
            "Error response from daemon: client is newer than server (client API version: 1.21, server API version: 1.19)",
            "a tool speaks an API (1.21) that this engine no",
            "update that tool (proxies and updaters",
        ),
        (
            "edge",
            "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
            "the engine does not run",
            "journalctl -u docker",
        ),
        (
            "redis",
            "OCI runtime create failed: runc create failed: error setting rlimit type 8: operation not permitted",
            "more than engine or machine allow",
            "toolkit preflight",
        ),
        (
            "redis",
            "cgroups: cgroup mountpoint does not exist: unknown",
            "control groups of the host",
            "restart the engine",
        ),
        (
            "redis",
            "OCI runtime create failed: unable to apply caps: operation not permitted",
            "runs inside of a container",
            "nesting=1",
        ),
        (
            "edge",
            "failed to add the host (veth1) <=> sandbox (veth2) pair interfaces: operation not supported",
            "no modules for bridges",
            "restart the host",
        ),
        (
            "edge",
            "error creating overlay mount to /var/lib/docker/overlay2/x: failed to mount overlay: invalid argument",
            "does not go with its disk",
            "ftype=1",
        ),
    ],
)
def test_a_line_is_read(service: str, line: str, cause: str, remedy: str) -> None:
    agrees(engine_host, service, line, cause, remedy)
