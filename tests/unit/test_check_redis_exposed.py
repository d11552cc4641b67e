"""redis.exposed: traces of strangers"""

from __future__ import annotations

import pytest

from tests.support.readings import agrees
from toolkit.checks.redis_exposed import redis_exposed


@pytest.mark.parametrize(
    ("line", "cause", "remedy"),
    [
        (
            "# Failed opening the RDB file crontab (in server root dir /etc) for saving: Permission denied",
            "somebody from outside changed where snapshots go",
            "close the port (publish it on 127.0.0.1",
        ),
        (
            "# Module /tmp/exp_lin.so exp.so loaded: system.exec",
            "somebody made this server a replica or loaded a",
            "`redis-cli REPLICAOF NO ONE`, close the",
        ),
    ],
)
def test_a_line_is_read(line: str, cause: str, remedy: str) -> None:
    agrees(redis_exposed, "redis", line, cause, remedy)
