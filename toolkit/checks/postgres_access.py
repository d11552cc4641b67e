"""Do clients get into PostgreSQL?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Suite, check
from toolkit.diagnosis import EVIDENCE, TOLD, Hit, Rule, Scene, Signal, read, speaks_for
from toolkit.findings import Finding, Status

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot


def _other_server(hit: Hit, scene: Scene) -> Iterator[Signal]:
    for one in scene.ports:
        if one.port == 5432 and one.holder:
            yield speaks_for(f"port {one.port} of the host is held by {one.holder}", 3)
    lacks = scene.told(hit.subject, r"could not open extension control file")
    if lacks and scene.told(hit.subject, r"authentication failed|[Rr]ole .* does not exist"):
        yield speaks_for("the server that answers lacks the extension that ours has", 3)


RULES = (
    Rule(
        "another server on that port",
        says=r"password authentication failed for user \"(?P<user>[^\"]+)\""
        r"|could not open extension control file",
        cause="clients on the host reach another PostgreSQL on port 5432, not the one of the container",
        remedy="change the published port, or stop the host's own server; compare `SELECT version()` from "
        "outside and inside",
        weight=0,
        facts=_other_server,
        lasting=True,
        rejects=("the container's own settings: inside of it everything answers rightly",),
    ),
    Rule(
        "password changed after the first start",
        says=r"password authentication failed for user \"(?P<user>[^\"]+)\""
        r"|[Rr]ole \"(?P<role>[^\"]+)\" does not exist|database \"(?P<database>[^\"]+)\" does not exist",
        cause="user, password or database {user}{role}{database} are not those of the database: they are "
        "made when the volume is first started, and do not follow an edited variable or secret",
        remedy="put the former secret back, or ALTER ROLE … PASSWORD in the database; a fresh volume only "
        "where its data may go",
        weight=2,
        lasting=True,
    ),
    Rule(
        "no rule lets the client in",
        says=r"no pg_hba\.conf entry for (?P<who>.+)",
        cause="pg_hba.conf has no line for {who}",
        remedy="add one for that user, database and network (an override of templates/vector_db/pg_hba.conf.j2); "
        "`no encryption` in the text means: only with TLS",
        weight=3,
        lasting=True,
    ),
    Rule(
        "connections used up",
        says=r"sorry, too many clients already|remaining connection slots are reserved"
        r"|too many connections for (?:role|database)",
        cause="all connections are in use: a client leaves them open (idle, or idle in transaction)",
        remedy="pg_stat_activity names it; mend its pool (pool.max_size), set idle_in_transaction_session_timeout; "
        "more connections cost memory each",
        weight=3,
        lasting=True,
    ),
    Rule(
        "first start without a password",
        says=r"superuser password is not specified|is new and no password is given",
        cause="the first start found no password: neither secret nor variable",
        remedy="`toolkit up` makes and mounts the secret; with an own fragment give POSTGRES_PASSWORD_FILE",
        weight=3,
    ),
    Rule(
        "old client",
        says=r"SCRAM authentication (?:requires|is not supported)|authentication method 10 not supported",
        cause="the client's library is older than SCRAM",
        remedy="update libpq of the client",
        weight=3,
        lasting=True,
    ),
    Rule(
        "health check without a user",
        says=r"role \"root\" does not exist|role \"postgres\" does not exist.*pg_isready",
        cause="something (mostly a health check or a script) connects without naming a user, so that its "
        "own name (root) is taken",
        remedy="give user and database to it: pg_isready -U USER -d DATABASE; the server is well",
        weight=3,
        status=Status.WARN,
        lasting=True,
    ),
    Rule(
        "statement that waited too long",
        says=r"canceling statement due to (?:statement|lock) timeout|deadlock detected"
        r"|idle-in-transaction timeout",
        cause="a statement waited longer than it may, for rows that another transaction holds",
        remedy="pg_stat_activity and pg_locks name it; shorten transactions",
        weight=3,
        status=Status.WARN,
        lasting=True,
    ),
    Rule(
        "TLS that client and server do not agree on",
        says=r"does not support SSL|could not accept SSL connection|SSL off|SSL connection is required"
        r"|certificate verify failed|unknown ca|sslmode|no encryption",
        cause="client and server do not agree on TLS: one demands it and the other has none, or the "
        "certificate is not trusted",
        remedy="sslmode of the client as the server has it (disable without TLS, require with, verify-full "
        "with its CA)",
        weight=3,
        lasting=True,
    ),
    Rule(
        "right that the user lacks",
        says=r"permission denied (?:for|to) (?P<what>.+)|must be (?:owner|superuser)|only superusers? can",
        cause="the user has no right to {what}: from PostgreSQL 15 on nobody may create in the schema "
        "public, and extensions are made by a superuser",
        remedy="GRANT it (GRANT CREATE ON SCHEMA public TO …), or let the owner of the database make it",
        weight=3,
        lasting=True,
    ),
    Rule(
        "connection that was cut",
        says=r"unexpected EOF on client connection|server closed the connection unexpectedly"
        # The server's own line (FATAL) only tells of a stop: each image stops the server that made its database.
        r"|(?<!FATAL:  )terminating connection due to administrator command|SSL SYSCALL error"
        r"|could not receive data from client: Connection reset",
        cause="connections were cut: the server was restarted or killed, or somebody between ends idle ones",
        remedy="look at the server's own finding first; pool_pre_ping and keepalives at the client",
        weight=1,
        status=Status.WARN,
        lasting=True,
    ),
)


@check("postgres.access", "Clients get into PostgreSQL", needs=TOLD, wants=EVIDENCE, suites={Suite.DIAGNOSE})
def postgres_access(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Say why a client is not let into PostgreSQL.

    User, password and database are made when the volume is new, and never follow an edited variable. Where
    everything is right inside of the container and wrong from the host, another PostgreSQL has the port 5432
    there.
    """
    return read(RULES, plan, seen)
