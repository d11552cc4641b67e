"""mariadb.connect: what stands between a client and the server"""

from __future__ import annotations

import pytest

from tests.support.readings import agrees
from toolkit.checks.mariadb_connect import mariadb_connect


@pytest.mark.parametrize(
    ("line", "cause", "remedy"),
    [
        (
            "ERROR 2002 (HY000): Can't connect to server on 'mariadb' (115)",
            "no MariaDB answers at mariadb: it still starts or",
            "look at the server's own finding; ask",
        ),
        (
            "ERROR 1698 (28000): Access denied for user 'root'@'localhost'",
            "the account logs in by its user of the system",
            "be that user in the container (`docker",
        ),
        (
            "ERROR 1044 (42000): Access denied for user 'app'@'%' to database 'other'",
            "the account app has no right to the database other",
            "GRANT ALL ON database.* TO 'user'@'%'",
        ),
        (
            "ERROR 1049 (42000): Unknown database 'app'",
            "the database app is not there: the image makes it",
            "CREATE DATABASE it (and GRANT), or",
        ),
        (
            "ERROR 1396 (HY000) at line 1: Operation CREATE USER failed for 'root'@'localhost'",
            "the variables for the first start do not go",
            "MARIADB_ROOT_PASSWORD for root",
        ),
        (
            "ERROR 1114 (HY000): The table 'x' is full",
            "the table x cannot grow: the disk or tmpfs is full",
            "look at the disk (`df -h`) and",
        ),
    ],
)
def test_a_line_is_read(line: str, cause: str, remedy: str) -> None:
    agrees(mariadb_connect, "api-server", line, cause, remedy)
