"""mariadb.start: the first error of InnoDB decides"""

from __future__ import annotations

import pytest

from tests.support.findings import ask
from tests.support.readings import agrees, container, read_line
from toolkit.checks.mariadb_start import mariadb_start
from toolkit.facts import LogFact


@pytest.mark.parametrize(
    ("service", "line", "cause", "remedy"),
    [
        (
            "mariadb",
            "[ERROR] InnoDB: Upgrade after a crash is not supported. The redo log was created with MariaDB 10.7.1.",
            "MariaDB 10.7.1",
            "shut down cleanly",
        ),
        (
            "mariadb",
            "[ERROR] InnoDB: Unable to lock ./ibdata1 error: 11",
            "another server still has",
            "stop that one",
        ),
        (
            "mariadb",
            "[ERROR] InnoDB: Cannot map innodb_buffer_pool_size_max=64G",
            "larger than the memory",
            "lower innodb_buffer_pool_size",
        ),
        (
            "mariadb",
            "[ERROR] mariadbd: unknown variable 'innodb_log_files_in_group=2'",
            "innodb_log_files_in_group",
            "take it out",
        ),
        (
            "mariadb",
            "[ERROR] InnoDB: Missing FILE_CREATE, FILE_DELETE or FILE_MODIFY before FILE_CHECKPOINT for tablespace 512",
            "damaged",
            "copy the volume first",
        ),
        (
            "mariadb",
            "[Note] InnoDB: Starting crash recovery from checkpoint LSN=46980",
            "without a shutdown",
            "stop_grace_period",
        ),
        ("mariadb", "240101 [ERROR] mysqld got signal 11 ;", "crashed", "df -h"),
    ],
)
def test_a_line_is_read(service: str, line: str, cause: str, remedy: str) -> None:
    agrees(mariadb_start, service, line, cause, remedy)


def test_what_follows_never_decides_and_a_kill_for_memory_outweighs_a_hard_stop() -> None:
    lines = ("[ERROR] Plugin 'InnoDB' registration as a STORAGE ENGINE failed.", "[ERROR] Aborting")
    assert ask(mariadb_start, logs=(LogFact("mariadb", lines),), containers=(container("mariadb"),)) == ()
    killed = container("mariadb", exit_code=137, oom_killed=True)
    found = read_line(
        mariadb_start, "InnoDB: Starting crash recovery", service="mariadb", containers=(killed,)
    )
    assert "killed for memory" in found.cause
