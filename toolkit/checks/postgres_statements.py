"""Does PostgreSQL do what it is asked?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Suite, check
from toolkit.diagnosis import EVIDENCE, TOLD, Rule, read
from toolkit.findings import Finding, Status

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot

RULES = (
    Rule(
        "piece of memory over 1 GiB",
        says=r"invalid memory alloc request size (?P<size>\d+)",
        cause="the server asks for a single piece of {size} bytes, and 1 GiB is the most: an index (ivfflat with "
        "many lists, an old pgvector) or a value that is too large; with a senseless size the row is damaged",
        remedy="fewer lists or a newer image of pgvector, smaller values; where one row alone fails, take it "
        "from a backup",
        weight=3,
        lasting=True,
        rejects=("the container's memory: the limit is the server's own",),
    ),
    Rule(
        "operator that the extension has",
        says=r"operator does not exist: (?P<what>.*(?:vector|<=>|<->|<#>).*)",
        cause="the two sides are not both vectors ({what}): the client sends a plain list, or the extension lies in "
        "another schema than search_path names",
        remedy="register the type at the client (pgvector's register_vector) or cast it (`::vector`); `\\dx` shows "
        "the schema",
        weight=4,
        lasting=True,
    ),
    Rule(
        "table that is not there",
        says=r"relation \"(?P<name>[^\"]+)\" does not exist|schema \"(?P<schema>[^\"]+)\" does not exist"
        r"|column \"(?P<col>[^\"]+)\""
        r" .*does not exist|function (?P<fn>\w+)\(.*\) does not exist",
        cause="{name}{schema}{col}{fn} is not there: the migration did not run (or in another database or "
        "schema)",
        remedy="run the application's migration (`toolkit migrate` makes indexes only); compare database and "
        "search_path",
        weight=3,
        status=Status.WARN,
        lasting=True,
    ),
    Rule(
        "transaction ids used up",
        says=r"not accepting commands .*wraparound|must be vacuumed within \d+ transactions",
        cause="transaction ids are nearly used up, as old rows were not vacuumed: the database takes no more "
        "writes",
        remedy="end old transactions, prepared ones and unused replication slots, then VACUUM (as a "
        "superuser); autovacuum on",
        weight=4,
        lasting=True,
    ),
    Rule(
        "database that only reads",
        says=r"cannot execute \w+(?: \w+)? in a read-only transaction|default_transaction_read_only",
        cause="the client writes to a standby, or the database is set to read only (some do that when the "
        "disk is full)",
        remedy="ask the primary (target_session_attrs=read-write); look at the disk and "
        "default_transaction_read_only",
        weight=3,
        lasting=True,
    ),
    Rule(
        "text that the encoding does not take",
        says=r"invalid byte sequence for encoding|has no equivalent in encoding|unsupported Unicode escape"
        r"|null character not "
        r"permitted",
        cause="a text holds bytes that its encoding does not allow (mostly a zero byte)",
        remedy="clean it at the client (strip \\x00), or store it as bytea; make the database UTF8",
        weight=3,
        status=Status.WARN,
        lasting=True,
    ),
    Rule(
        "value too large for an index",
        says=r"index row (?:size|requires) \d+.*(?:exceeds|maximum)|index row requires|value too long for "
        r"type",
        cause="a value is longer than an index or column takes",
        remedy="index a hash of it (md5), a prefix, or use GIN; widen the column",
        weight=3,
        status=Status.WARN,
        lasting=True,
    ),
    Rule(
        "end because of another process",
        says=r"terminating connection because of crash of another server process|current transaction is "
        r"aborted"
        r"|another server process exited abnormally",
        cause="another process of the server crashed or was killed, so that all connections were cut",
        remedy="look at what ended that one: killed for memory (container.memory), or a crash of an "
        "extension",
        weight=1,
        lasting=True,
    ),
    Rule(
        "rows that were changed twice",
        says=r"tuple concurrently updated|could not serialize access|duplicate key value violates unique "
        r"constraint"
        r"|violates (?:foreign key|not-null|check) constraint",
        cause="two clients change the same rows (or run the same migration), or data breaks a rule of its "
        "table",
        remedy="retry the transaction; let one replica run migrations; correct the data that the line names",
        weight=2,
        status=Status.WARN,
        lasting=True,
    ),
)


@check(
    "postgres.statements",
    "Statements go through",
    needs=TOLD,
    wants=EVIDENCE,
    suites={Suite.DIAGNOSE},
)
def postgres_statements(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Say why statements fail on a server that runs: schema, encoding, sizes, a database that only reads.

    The server is well; the client's schema or data has to change, or a setting for this one database.
    """
    return read(RULES, plan, seen)
