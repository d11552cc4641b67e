"""container.mount: files and directories"""

from __future__ import annotations

import pytest

from tests.support.readings import agrees
from toolkit.checks.container_mount import container_mount


@pytest.mark.parametrize(
    ("service", "line", "cause", "remedy"),
    [
        (
            "edge",
            "[ALERT]    (1) : config : Cannot open configuration file/directory /nowhere.cfg : No such file or directory",
            "not where the server looks",
            "toolkit render",
        ),
        (
            "redis",
            'error mounting "/x/redis.conf" to rootfs: not a directory: unknown: Are you trying to mount a directory onto a file (or vice-versa)?',
            "a directory is mounted",
            "remove that empty directory",
        ),
        (
            "redis",
            'invalid mount config for type "bind": bind source path does not exist: /srv/none',
            "/srv/none",
            "has to exist",
        ),
        ("redis", "open /data/x: Read-only file system", "mounted read-only", "tmpfs"),
        ("redis", "stat /mnt/share: stale NFS file handle", "network file system", "mount it again"),
        (
            "redis",
            "error while mounting volume: failed to mount local volume: mount :/export/data:/var/lib/docker/volumes/x/_data, data: addr=10.0.0.1: permission denied",
            "the share or directory behind the volume cannot be",
            "try the same mount on the host; correct",
        ),
    ],
)
def test_a_line_is_read(service: str, line: str, cause: str, remedy: str) -> None:
    agrees(container_mount, service, line, cause, remedy)
