"""container.permission: whose files they are"""

from __future__ import annotations

import pytest

from tests.support.readings import agrees, container, read_line
from toolkit.checking import Confidence
from toolkit.checks.container_permission import container_permission
from toolkit.facts import MountFact


@pytest.mark.parametrize(
    ("service", "line", "cause", "remedy"),
    [
        (
            "mariadb",
            "mkdir: cannot create directory '/var/lib/mysql/x': Permission denied",
            "not writable",
            "chown",
        ),
        (
            "mariadb",
            "chown: changing ownership of '/var/lib/mysql': Operation not permitted",
            "maps users",
            "userns_mode",
        ),
        (
            "llm-general",
            "PermissionError: [Errno 13] Permission denied: '/cache/huggingface/hub/models--x'",
            "model cache belongs to another user",
            "model_cache.uid",
        ),
        ("api-server", "open /run/secrets/redis: permission denied", "may not read its secret", "0400"),
        (
            "prometheus",
            "dial unix /var/run/docker.sock: connect: permission denied",
            "may not speak to the engine",
            "group docker",
        ),
    ],
)
def test_a_line_is_read(service: str, line: str, cause: str, remedy: str) -> None:
    agrees(container_permission, service, line, cause, remedy)


def test_the_owner_of_the_mount_is_named() -> None:
    mount = MountFact("bind", "/srv/db", "/var/lib/mysql", uid=0, gid=0, mode=0o755)
    own = container("mariadb", user="999:999", mounts=(mount,))
    line = "mkdir: cannot create directory '/var/lib/mysql/x': Permission denied"
    found = read_line(container_permission, line, service="mariadb", containers=(own,))
    assert "/srv/db belongs to uid 0, the service is uid 999" in found.evidence
    assert found.confidence is Confidence.CERTAIN
