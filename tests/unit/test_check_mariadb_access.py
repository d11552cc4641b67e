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
            "Database is uninitialized and password option is not specified",
            "found no password",
            "secret",
        ),
        (
            "mariadb",
            "[Warning] Access denied for user 'healthcheck'@'localhost' (using password: YES)",
            "the account `healthcheck` that the image makes for",
            "start once with MARIADB_AUTO_UPGRADE=1",
        ),
        (
            "mariadb",
            "Warning: World-writable config file '/var/lib/mysql/.my-healthcheck.cnf' is ignored",
            "/var/lib/mysql/.my-healthcheck.cnf may be written",
            "a named volume (or chmod 0600 of that",
        ),
        (
            "mariadb",
            "SQLSTATE[HY000] [1130] Host '172.21.0.8' is not allowed to connect to this MariaDB server",
            "no account may come from the host 172.21.0.8: it",
            "CREATE USER 'name'@'%' (or the network)",
        ),
        (
            "mariadb",
            "Host '172.18.0.9' is blocked because of many connection errors; unblock with 'mariadb-admin flush-hosts'",
            "the server blocks 172.18.0.9",
            "FLUSH HOSTS",
        ),
    ],
)
def test_a_line_is_read(service: str, line: str, cause: str, remedy: str) -> None:
    agrees(mariadb_access, service, line, cause, remedy)


def test_quotes_are_part_of_the_password() -> None:
    lines = ("MARIADB_ROOT_PASSWORD='x'", "Access denied for user 'root'@'localhost' (using password: YES)")
    assert "quotes" in read_line(mariadb_access, *lines, service="mariadb").cause
