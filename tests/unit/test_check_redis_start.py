"""redis.start: configuration and files"""

from __future__ import annotations

import pytest

from tests.support.readings import agrees
from toolkit.checks.redis_start import redis_start


@pytest.mark.parametrize(
    ("service", "line", "cause", "remedy"),
    [
        (
            "redis",
            "*** FATAL CONFIG FILE ERROR (Redis 8.0.0) ***",
            "refuses its configuration",
            "take out that line",
        ),
        (
            "redis",
            "# Bad file format reading the append only file appendonly.aof.2.incr.aof: make a backup",
            "cut short or damaged",
            "redis-check-aof",
        ),
        ("redis", "# Can't handle RDB format version 12", "format 12", "pin the image"),
        (
            "redis",
            "# Can't open or create append-only dir appendonlydir: Permission denied",
            "belongs to another user",
            "chown",
        ),
    ],
)
def test_a_line_is_read(service: str, line: str, cause: str, remedy: str) -> None:
    agrees(redis_start, service, line, cause, remedy)
