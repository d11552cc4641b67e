"""postgres.setup: lock file, keys, locale, the directory"""

from __future__ import annotations

import pytest

from tests.support.readings import agrees
from toolkit.checks.postgres_setup import postgres_setup


@pytest.mark.parametrize(
    ("line", "cause", "remedy"),
    [
        (
            'FATAL:  lock file "postmaster.pid" is empty',
            "the lock file postmaster.pid is empty or nonsense",
            "be sure that no other server has the",
        ),
        (
            'FATAL:  "/var/lib/postgresql/data" is not a valid data directory',
            "the data directory holds no (whole) database",
            "mount the directory that holds",
        ),
        (
            'FATAL:  private key file "/tls/server.key" has group or world access',
            "key or certificate /tls/server.key is missing, or",
            "chown 999:999 (or root) and chmod 0600",
        ),
        (
            'FATAL:  data directory "/var/lib/postgresql/data" has group or world access',
            "the data directory may be read by others, which",
            "chmod 0700 it; on a mount that knows no",
        ),
        (
            'initdb: error: invalid locale name "de_DE.UTF-8"',
            "the locale is not in this image (an Alpine image",
            "take the image with the same base as",
        ),
        (
            'FATAL:  could not access file "pg_cron": No such file or directory',
            "shared_preload_libraries names pg_cron, and the",
            "take it out of",
        ),
        (
            "FATAL:  recovery aborted because of insufficient parameter settings",
            "a standby cannot follow its primary: lower limits",
            "the primary's max_connections",
        ),
        (
            "LOG:  invalid length of startup packet",
            "something that is no client of PostgreSQL speaks to",
            "harmless for the server; let the check",
        ),
        (
            'psql: error: connection to server on socket "/var/run/postgresql/.s.PGSQL.5432" failed: No such '
            "file or directory",
            "no PostgreSQL answers at",
            "look at the server's own finding; give",
        ),
    ],
)
def test_a_line_is_read(line: str, cause: str, remedy: str) -> None:
    agrees(postgres_setup, "vector-db", line, cause, remedy)
