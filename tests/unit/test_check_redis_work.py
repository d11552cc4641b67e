"""redis.work: the line before MISCONF decides"""

from __future__ import annotations

import pytest

from tests.support.readings import agrees, read_line
from toolkit.checks.redis_work import redis_work


@pytest.mark.parametrize(
    ("service", "line", "cause", "remedy"),
    [
        (
            "redis",
            "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.",
            "last snapshot",
            "read the line before",
        ),
        (
            "redis",
            "(error) OOM command not allowed when used memory > 'maxmemory'.",
            "short peaks",
            "used_memory_peak",
        ),
        (
            "redis",
            "WARNING Memory overcommit must be enabled! Without it, a background save may fail",
            "vm.overcommit_memory",
            "on the host",
        ),
        ("redis", "NOAUTH Authentication required.", "no or another password", "secret"),
        ("redis", "READONLY You can't write against a read only replica.", "replica", "master"),
        (
            "redis",
            "MISCONF Errors writing to the AOF file: No space left on device",
            "writes are refused, as the append-only file could",
            "`df -h` and the owner (999) of /data",
        ),
        (
            "redis",
            "# Can't rewrite append only file in background: fork: Cannot allocate memory",
            "the append-only file cannot be rewritten and grows",
            "`sysctl -w vm.overcommit_memory=1` on",
        ),
    ],
)
def test_a_line_is_read(service: str, line: str, cause: str, remedy: str) -> None:
    agrees(redis_work, service, line, cause, remedy)


MISCONF = "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk."


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ("# Can't save in background: fork: Cannot allocate memory", "refused the fork"),
        ("# Write error saving DB on disk: No space left on device", "disk under /data is full"),
        (
            "# Failed opening the temp RDB file temp-9.rdb (in server root dir /data) for saving: Permission denied",
            "not writable",
        ),
    ],
)
def test_why_the_snapshot_failed(line: str, cause: str) -> None:
    found = read_line(redis_work, line, MISCONF, service="redis")
    assert cause in found.cause
    assert any("stop-writes-on-bgsave-error" in text for text in found.rejected)
