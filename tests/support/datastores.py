"""Asks MariaDB and Redis inside their containers; passwords travel by stdin, never as arguments."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.support.engine import inside

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from tests.support.stack import Stack

# An option file for this one client, by a here-string: no program has the password as an argument.
_CLIENT = (
    'IFS= read -r password; exec mariadb --defaults-extra-file=/dev/fd/3 --batch --skip-column-names "$@" '
    '3<<<"[client]"$\'\\n\'"password=$password"'
)


def ask_mariadb(
    stack: Stack,
    sql: str,
    user: str = "root",
    password: str | None = None,
    host: str = "localhost",
    base: str = "",
) -> subprocess.CompletedProcess[str]:
    """Run SQL as root (by socket), or as another user with its password; `localhost` means the socket."""
    secret = stack.secret("mariadb-root-password") if password is None else password
    call = ("bash", "-c", _CLIENT, "mariadb", "--user", user, "--host", host, *((base,) if base else ()))
    return inside(stack.container("mariadb"), *call, stdin=f"{secret}\n{sql}\n")


def rows(stack: Stack, sql: str) -> list[list[str]]:
    """Return the rows of a query by root."""
    done = ask_mariadb(stack, sql)
    assert done.returncode == 0, done.stderr
    return [line.split("\t") for line in done.stdout.splitlines()]


def ask_redis(stack: Stack, *commands: str, user: str = "") -> list[Any]:
    """Return the answers to commands of `user` with its own secret, or of nobody; errors as their text."""
    login = [f"AUTH {user} {stack.secret(f'redis-{user}-password')}"] if user else []
    said = inside(stack.container("redis"), "redis-cli", "--json", stdin="\n".join([*login, *commands, ""]))
    assert said.returncode == 0, said.stderr
    answers = [json.loads(line.removeprefix("error:")) for line in said.stdout.splitlines() if line]
    assert answers[: len(login)] == ["OK"] * len(login)
    return answers[len(login) :]


def rendered(stack: Stack, pattern: str) -> str:
    """Return the one configuration file of this name that the containers use now."""
    compose = (stack.build / "compose.yaml").read_text()
    files: list[Path] = [file for file in stack.build.glob(pattern) if f"{file.parent.name}\n" in compose]
    assert len(files) == 1, files
    return files[0].read_text()


_PSQL = (
    'IFS= read -r PGPASSWORD; export PGPASSWORD; exec psql -h "$2" -U "$1" -d toolkit -XAtq '
    "-F $'\\t' -v ON_ERROR_STOP=1 -f -"
)


def ask_vector_db(
    stack: Stack, sql: str, user: str = "toolkit", password: str | None = None, host: str = "127.0.0.1"
) -> subprocess.CompletedProcess[str]:
    """Run SQL over the network of the container as a user with its password."""
    secret = stack.secret("vector-db-password") if password is None else password
    call = ("bash", "-c", _PSQL, "psql", user, host)
    return inside(stack.container("vector-db"), *call, stdin=f"{secret}\n{sql}\n;\n")


def vector_rows(stack: Stack, sql: str) -> list[list[str]]:
    """Return the rows of queries by the applications' user."""
    done = ask_vector_db(stack, sql)
    assert done.returncode == 0, done.stderr
    return [line.split("\t") for line in done.stdout.splitlines()]
