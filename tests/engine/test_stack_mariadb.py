"""The running MariaDB has every rendered value, and lets in those that it should."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.support.datastores import ask_mariadb, rendered, rows
from tests.support.engine import inside, inspect, logs

if TYPE_CHECKING:
    from tests.support.stack import Stack

pytestmark = pytest.mark.engine
_UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30}
_CLOSED = "Access denied for user"


def as_number_or_word(text: str) -> float | str:
    """Return 134217728.0 of `128M`, 1.0 of `1.000000`, `ON` of `on`: what both sides mean."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([KMG]?)", text.strip(), re.IGNORECASE)
    return float(match[1]) * _UNITS[match[2].upper()] if match else text.strip().upper()


def test_show_variables_equals_every_rendered_value(stack: Stack) -> None:
    lines = [
        line
        for line in rendered(stack, "files/mariadb/*/my.cnf").splitlines()
        if "=" in line and line[0] != "#"
    ]
    wanted = {
        key.strip(): as_number_or_word(value) for key, _, value in (line.partition("=") for line in lines)
    }
    assert len(wanted) >= 12
    running = {
        row[0]: as_number_or_word(row[1] if row[1:] else "") for row in rows(stack, "SHOW GLOBAL VARIABLES")
    }
    assert {key: running.get(key) for key in wanted} == wanted


def test_the_server_does_not_complain_about_its_configuration(stack: Stack) -> None:
    said = logs(stack.container("mariadb"))
    assert "ready for connections" in said
    assert [
        line for line in said.splitlines() if "unknown" in line.lower() or "deprecated" in line.lower()
    ] == []


def test_the_user_gets_in_with_its_secret_and_only_to_its_database(stack: Stack) -> None:
    secret = stack.secret("mariadb-password")
    address = inspect(stack.container("mariadb"))["NetworkSettings"]["Networks"][f"{stack.project}_data"][
        "IPAddress"
    ]
    for host in ("localhost", address):
        done = ask_mariadb(stack, "SELECT DATABASE(), CURRENT_USER()", "toolkit", secret, host, "toolkit")
        assert (done.returncode, done.stdout.split()) == (0, ["toolkit", "toolkit@%"]), done.stderr
    write = "CREATE TABLE mine (n INT); INSERT INTO mine VALUES (7); SELECT n FROM mine; DROP TABLE mine"
    assert ask_mariadb(stack, write, "toolkit", secret, address, "toolkit").stdout.strip() == "7"
    for sql in (
        "SELECT COUNT(*) FROM mysql.global_priv",
        "CREATE DATABASE other",
        "SET GLOBAL max_connections = 10",
    ):
        refused = ask_mariadb(stack, sql, "toolkit", secret, address)
        assert refused.returncode == 1, sql
        assert "denied" in refused.stderr.lower()


def test_a_wrong_password_and_nobody_are_refused(stack: Stack) -> None:
    for user, password in (("toolkit", "wrong"), ("root", "wrong"), ("root", ""), ("", "")):
        refused = ask_mariadb(stack, "SELECT 1", user, password, "127.0.0.1")
        assert (refused.returncode, refused.stdout) == (1, "")
        assert _CLOSED in refused.stderr


def test_root_comes_by_the_socket_only(stack: Stack) -> None:
    address = inspect(stack.container("mariadb"))["NetworkSettings"]["Networks"][f"{stack.project}_data"][
        "IPAddress"
    ]
    for host in ("127.0.0.1", address):
        refused = ask_mariadb(stack, "SELECT 1", host=host)
        assert (refused.returncode, refused.stdout) == (1, "")
        assert _CLOSED in refused.stderr or "is not allowed to connect" in refused.stderr
    accounts = rows(stack, "SELECT User, Host FROM mysql.global_priv ORDER BY User, Host")
    assert [host for user, host in accounts if user == "root"] == ["localhost"]
    assert {user for user, _ in accounts} == {"healthcheck", "mariadb.sys", "root", "toolkit"}


def test_redis_and_mariadb_run_as_their_own_users(stack: Stack) -> None:
    for service in ("mariadb", "redis"):
        assert inside(stack.container(service), "id", "-u").stdout.strip() == "999"
