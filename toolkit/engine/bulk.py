"""A million rows in MariaDB: loaded in batches into a schema of their own, asked, and gone afterwards."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from secrets import token_hex
from typing import TYPE_CHECKING

from toolkit.engine.argv import execute
from toolkit.engine.databases import mariadb_client
from toolkit.errors import Problem, ServiceFailedError

if TYPE_CHECKING:
    from toolkit.clock import Deadline
    from toolkit.engine.runner import Runner, Stdin

_PREFIX = "toolkit_bench_"
_OLD_S = 6 * 3600
# As root, who alone may make a schema; by the socket, with the container's own password file.
_ROOT = mariadb_client("mariadb-root-password", "--user root")
_TABLE = (
    "CREATE TABLE events (id INT UNSIGNED PRIMARY KEY, account INT UNSIGNED NOT NULL, day SMALLINT UNSIGNED NOT NULL, "
    "kind TINYINT UNSIGNED NOT NULL, amount INT NOT NULL, note VARCHAR(32) NOT NULL);"
)
GROUP_BY = "SELECT kind, COUNT(*), SUM(amount), AVG(amount) FROM events GROUP BY kind"
REPORT = (
    "SELECT day DIV 30 AS month, SUM(amount) FROM events GROUP BY month ORDER BY month",
    "SELECT account, SUM(amount) AS total FROM events GROUP BY account ORDER BY total DESC LIMIT 10",
    "SELECT kind, day DIV 7 AS week, COUNT(*) FROM events WHERE day >= 300 GROUP BY kind, week",
    "SELECT COUNT(DISTINCT account) FROM events WHERE kind = 3",
    "SELECT kind, MIN(amount), MAX(amount), STDDEV(amount) FROM events GROUP BY kind WITH ROLLUP",
)
_ACCOUNTS, _DAYS, _KINDS = 5000, 365, 12


@dataclass(frozen=True, slots=True)
class Bulk:
    """The scratch schema of one run; raises ServiceFailedError where MariaDB refuses something."""

    runner: Runner
    container: str
    schema: str

    def load(self, rows: int, batch: int, tell: Callable[[int], None]) -> float:
        """Insert `rows` rows, `batch` in a statement and each statement a transaction; return the seconds it took."""
        began = time.monotonic()
        self._say(_inserts(self.schema, rows, batch, tell))
        elapsed_s = time.monotonic() - began
        # Names are our own.
        (counted,) = self._say(f"SELECT COUNT(*) FROM {self.schema}.events;").split()  # noqa: S608
        if int(counted) != rows:
            self._refuse(f"{counted} rows are there, not {rows}")
        return elapsed_s

    def seconds(self, query: str) -> float:
        """Return the seconds that a query takes inside the server; what it finds is thrown away."""
        took = "SELECT 'took', TIMESTAMPDIFF(MICROSECOND, @a, SYSDATE(6))"
        say = f"USE {self.schema}; SET @a = SYSDATE(6); {query}; {took};"
        last = self._say(say).splitlines()[-1]
        return int(last.split("\t")[1]) / 1e6

    def _say(self, sql: Stdin, deadline: Deadline | None = None) -> str:
        call = execute(self.container, ("bash", "-c", _ROOT))
        done = self.runner.run(call, stdin=sql, deadline=deadline)
        if done.returncode != 0:
            self._refuse(done.stderr.strip()[-300:])
        return done.stdout

    def _refuse(self, said: str) -> None:
        step = "see what it says: toolkit logs mariadb"
        raise ServiceFailedError(Problem("mariadb", "the rows cannot be loaded", said, step))


@contextmanager
def scratch_schema(runner: Runner, container: str, now_s: float) -> Iterator[Bulk]:
    """Yield a schema that is gone at the end, whatever happens; those of runs that were killed go with it."""
    bulk = Bulk(runner, container, f"{_PREFIX}{now_s:.0f}_{token_hex(4)}")
    bulk._say(f"CREATE DATABASE {bulk.schema}; USE {bulk.schema}; {_TABLE}")  # noqa: SLF001 - one of us
    try:
        for name in _leftovers(bulk, now_s):
            bulk._say(f"DROP DATABASE {name};")  # noqa: SLF001 - as above
        yield bulk
    finally:
        bulk._say(f"DROP DATABASE IF EXISTS {bulk.schema};")  # noqa: SLF001 - as above


def _leftovers(bulk: Bulk, now_s: float) -> Iterator[str]:
    # Their names say when they were made.
    for name in bulk._say("SHOW DATABASES LIKE 'toolkit\\_bench\\_%';").split():  # noqa: SLF001 - as above
        made = name.removeprefix(_PREFIX).partition("_")[0]
        if made.isdigit() and int(made) < now_s - _OLD_S:
            yield name


def _inserts(schema: str, rows: int, batch: int, tell: Callable[[int], None]) -> Iterator[bytes]:
    yield f"USE {schema};\n".encode()
    for first in range(0, rows, batch):
        values = ",".join(_row(number) for number in range(first, min(first + batch, rows)))
        yield f"INSERT INTO events VALUES {values};\n".encode()  # noqa: S608 - numbers of our own
        tell(min(first + batch, rows))


def _row(number: int) -> str:
    # Spread as if by chance, and the same in every run: Knuth's multiplicative hash.
    mixed = number * 2654435761 & 0xFFFFFFFF
    return (
        f"({number},{mixed % _ACCOUNTS},{(mixed >> 7) % _DAYS},{(mixed >> 11) % _KINDS},"
        f"{mixed % 100_000 - 20_000},'note {mixed:08x}')"
    )
