"""postgres.start: versions, files, owners"""

from __future__ import annotations

import pytest

from tests.support.readings import agrees
from toolkit.checks.postgres_start import postgres_start


@pytest.mark.parametrize(
    ("service", "line", "cause", "remedy"),
    [
        (
            "vector-db",
            "DETAIL:  The data directory was initialized by PostgreSQL version 16, which is not compatible with this version 17.0.",
            "PostgreSQL 16",
            "pin the image",
        ),
        (
            "vector-db",
            'FATAL:  lock file "postmaster.pid" already exists',
            "another server",
            "postmaster.pid",
        ),
        (
            "vector-db",
            'FATAL:  data directory "/var/lib/postgresql/data" has invalid permissions',
            "owner and mode",
            "0700",
        ),
        (
            "vector-db",
            "PANIC:  could not locate a valid checkpoint record",
            "damaged",
            "copy the volume first",
        ),
        (
            "vector-db",
            'FATAL:  unrecognized configuration parameter "wal_keep_segments"',
            "wal_keep_segments",
            "take out",
        ),
        (
            "vector-db",
            "FATAL:  could not map anonymous shared memory: Cannot allocate memory",
            "shared_buffers",
            "raise services.vector_db.memory",
        ),
        (
            "vector-db",
            'ERROR:  could not load library "/usr/lib/vector.so": /usr/lib/vector.so: undefined symbol: MemoryContextAllocZeroAligned',
            "the library /usr/lib/vector.so of an extension was",
            "take the image that holds both",
        ),
        (
            "vector-db",
            'FATAL:  could not load library "/usr/lib/postgis-3.so": libgeos_c.so.1: cannot open shared object file',
            "the extension's library /usr/lib/postgis-3.so needs",
            "take an image that was made with the",
        ),
        (
            "vector-db",
            'ERROR:  incompatible library "/usr/lib/vector.so": version mismatch',
            "the library /usr/lib/vector.so of an extension was",
            "take the image that holds both",
        ),
    ],
)
def test_a_line_is_read(service: str, line: str, cause: str, remedy: str) -> None:
    agrees(postgres_start, service, line, cause, remedy)
