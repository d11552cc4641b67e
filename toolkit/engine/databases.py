"""Speaks SQL to the databases inside their containers; passwords never leave them, and are in no argument."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.errors import Problem, ServiceFailedError

if TYPE_CHECKING:
    from toolkit.clock import Deadline
    from toolkit.engine.compose import ComposeEngine


def mariadb_client(secret: str, words: str) -> str:
    """Return the line for bash that runs the client of MariaDB with the password of a secret.

    A here-string is bash's own work: no program has the password as an argument. Unlike `<(printf ...)` it leaves no
    process behind, and that counts: mariadbd, the first process of its container, buries no dead ones, and each
    counts against the container's limit of processes.
    """
    option_file = rf"""[client]"$'\n'"password=$(</run/secrets/{secret})"""
    return f'exec mariadb --defaults-extra-file=/dev/fd/3 {words} --batch --skip-column-names 3<<<"{option_file}"'


_MARIADB = mariadb_client("mariadb-password", '--user "$MARIADB_USER" "$MARIADB_DATABASE"')
_POSTGRESQL = (
    'export PGPASSWORD="$(</run/secrets/vector-db-password)"; exec psql -h 127.0.0.1 -U "$VECTOR_DB_USER" '
    "-d \"$POSTGRES_DB\" -XAtq -F $'\\t' -v ON_ERROR_STOP=1 -f -"
)
CLIENTS = {"mariadb": _MARIADB, "vector-db": _POSTGRESQL}
_LINES_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Database:
    """The database of one service, as the applications' user."""

    engine: ComposeEngine
    service: str

    def rows(self, sql: str, deadline: Deadline) -> list[list[str]]:
        """Return the rows of all statements as texts. Raises EngineError, ServiceFailedError."""
        done = self.engine.exec(self.service, self._client, stdin=sql, deadline=deadline)
        if done.returncode != 0:
            said, step = _last(done.stderr), f"see what it says: toolkit logs {self.service}"
            raise ServiceFailedError(Problem(self.service, "its tables cannot be read", said, step))
        return [line.split("\t") for line in done.stdout.splitlines()]

    def execute(self, sql: str) -> str:
        """Run statements, however long they take; return "" or what the database refuses them with."""
        done = self.engine.exec(self.service, self._client, stdin=sql)
        return "" if done.returncode == 0 else _last(done.stderr) or f"exit code {done.returncode}"

    @property
    def _client(self) -> tuple[str, ...]:
        return ("bash", "-c", CLIENTS[self.service])


def _last(text: str) -> str:
    """Return the refusal; MariaDB's client repeats the statement before it."""
    lines = text.strip().splitlines()
    return "\n".join([line for line in lines if "ERROR" in line] or lines[-_LINES_SHOWN:])
