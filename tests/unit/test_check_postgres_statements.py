"""postgres.statements: the server is well, the statement is not"""

from __future__ import annotations

import pytest

from tests.support.readings import agrees
from toolkit.checks.postgres_statements import postgres_statements


@pytest.mark.parametrize(
    ("line", "cause", "remedy"),
    [
        (
            'ERROR:  relation "items" does not exist at character 15',
            "items is not there: the migration did not run (or",
            "run the application's migration",
        ),
        (
            'ERROR:  database is not accepting commands to avoid wraparound data loss in database "postgres"',
            "transaction ids are nearly used up, as old rows",
            "end old transactions, prepared ones and",
        ),
        (
            "ERROR:  cannot execute INSERT in a read-only transaction",
            "the client writes to a standby, or the database is",
            "ask the primary",
        ),
        (
            'ERROR:  invalid byte sequence for encoding "UTF8": 0x00',
            "a text holds bytes that its encoding does not allow",
            "clean it at the client (strip \\x00), or",
        ),
        (
            "ERROR:  index row size 2712 exceeds btree version 4 maximum 2704",
            "a value is longer than an index or column takes",
            "index a hash of it (md5), a prefix, or",
        ),
        (
            "FATAL:  terminating connection because of crash of another server process",
            "another process of the server crashed or was",
            "look at what ended that one: killed for",
        ),
        (
            "ERROR:  tuple concurrently updated",
            "two clients change the same rows (or run the same",
            "retry the transaction; let one replica",
        ),
        (
            "ERROR:  invalid memory alloc request size 1073774812",
            "the server asks for a single piece of 1073774812",
            "fewer lists or a newer image of",
        ),
        (
            "ERROR:  operator does not exist: vector <=> double precision[]",
            "the two sides are not both vectors (vector <=>",
            "register the type at the client",
        ),
    ],
)
def test_a_line_is_read(line: str, cause: str, remedy: str) -> None:
    agrees(postgres_statements, "vector-db", line, cause, remedy)
