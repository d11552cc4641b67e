"""container.runtime: engine, containerd and runc"""

from __future__ import annotations

import pytest

from tests.support.readings import agrees
from toolkit.checks.container_runtime import container_runtime


@pytest.mark.parametrize(
    ("line", "cause", "remedy"),
    [
        (
            "error creating overlay mount to /var/lib/docker/overlay2/c022-init/merged: no such file or "
            "directory",
            "the engine's store of layers (overlay2) is damaged",
            "restart the engine; then remove the",
        ),
        (
            "process_linux.go:352: getting the final child's pid from pipe caused: EOF: unknown",
            "runc's first process is refused by the kernel: user",
            "look at free memory and `dmesg`",
        ),
        (
            "OCI runtime create failed: unable to retrieve OCI runtime error (open log.json: no such file or "
            "directory): runc did not terminate successfully: exit status 127: unknown",
            "the runtime program itself fails (exit status 127)",
            "run `runc --version` (or the runtime of",
        ),
        (
            "failed to start shim: start failed: aborted: context deadline exceeded",
            "containerd or the container's shim does not answer",
            "`systemctl restart containerd docker`",
        ),
        (
            "cannot stop container: abc: tried to kill container, but did not receive an exit event",
            "a process of the container hangs in the kernel (a",
            "look for processes in state D (`ps axo",
        ),
        (
            "Health check exceeded timeout (10s)",
            "the health check takes longer than it may (10s)",
            "raise services.redis.health.timeout, or",
        ),
        (
            "OCI runtime exec failed: exec failed: error executing setns process: exit status 1",
            "nothing can be run inside of the container: its",
            "recreate the container (`toolkit",
        ),
        (
            "cannot restrict inter-container communication: please ensure that br_netfilter kernel module is loaded",
            "the kernel's module br_netfilter is not loaded",
            "`modprobe br_netfilter` and a line in",
        ),
        (
            "Container cannot be connected to network endpoints: a, b",
            "the engine is too old for this Compose: it makes a",
            "update the engine (25 or newer)",
        ),
        (
            "OCI runtime create failed: container with id exists: 521c55b1e6f4: unknown",
            "the engine or containerd still keeps something of",
            "remove the container and make it anew",
        ),
    ],
)
def test_a_line_is_read(line: str, cause: str, remedy: str) -> None:
    agrees(container_runtime, "redis", line, cause, remedy)
