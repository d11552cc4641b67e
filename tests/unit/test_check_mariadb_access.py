"""mariadb.access: users are made at the first start"""

from __future__ import annotations

import pytest

from tests.support.readings import agrees, read_line
from toolkit.checks.mariadb_access import mariadb_access


@pytest.mark.parametrize(
    ("service", "line", "cause", "remedy"),
    [
        (
            "mariadb",
            "Access denied for user 'app'@'172.18.0.5' (using password: YES)",
            "when the volume was first started",
            "former secret",
        ),
        (
            "mariadb",
            "ERROR 1040 (HY000): Too many connections",
            "one client leaves them open",
            "SHOW PROCESSLIST",
        ),
        (
            "mariadb",
            "Host '172.18.0.9' is not allowed to connect to this MariaDB server",
            "172.18.0.9",
            "grant",
        ),
        (
            "mariadb",
            "Database is uninitialized and password option is not specified",
            "found no password",
            "secret",
        ),
    ],
)
def test_a_line_is_read(service: str, line: str, cause: str, remedy: str) -> None:
    agrees(mariadb_access, service, line, cause, remedy)


def test_quotes_are_part_of_the_password() -> None:
    lines = ("MARIADB_ROOT_PASSWORD='x'", "Access denied for user 'root'@'localhost' (using password: YES)")
    assert "quotes" in read_line(mariadb_access, *lines, service="mariadb").cause
