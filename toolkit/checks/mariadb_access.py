"""Do clients get into MariaDB?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Suite, check
from toolkit.diagnosis import EVIDENCE, TOLD, Hit, Rule, Scene, Signal, against, read, speaks_for
from toolkit.diagnosis.lines import Source
from toolkit.findings import Finding, Status

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot


def _quotes(hit: Hit, scene: Scene) -> Iterator[Signal]:
    service = scene.service(hit.subject)
    variables = service.environment if service else {}
    if any(
        name.endswith("PASSWORD") and re.match(r"^['\"].*['\"]$", value) for name, value in variables.items()
    ):
        yield speaks_for("a password is planned with its quotes", 3)
    if scene.told(hit.subject, r"PASSWORD=['\"]"):
        yield speaks_for("a password stands there with its quotes", 3)


def _old_volume(hit: Hit, scene: Scene) -> Iterator[Signal]:
    fresh = scene.told(hit.subject, r"Initializing database|Creating (?:user|database)|init process done")
    yield (
        against("this volume was initialised just now", 1)
        if fresh
        else speaks_for("the volume was initialised before", 0)
    )


def _in_health(hit: Hit, scene: Scene) -> Iterator[Signal]:
    del scene
    if hit.line.source is Source.HEALTH:
        yield speaks_for("the health check prints it", 3)


# 1044 and 1698 are of rights and of the socket, not of a password (mariadb.connect).
_HEALTH = r"Access denied for user 'healthcheck'@'(?:localhost|127\.0\.0\.1|::1)'"
_DENIED = r"(?<!1698 \(28000\): )Access denied for user '(?P<user>[^']*)'@'(?P<host>[^']*)'(?! to database)"
RULES = (
    Rule(
        "account of the health check",
        says=_HEALTH + r"|my-healthcheck\.cnf.*(?:No such file|not found|[Cc]ould not open|Can't open)",
        cause="the account `healthcheck` that the image makes for its health check has another password than "
        ".my-healthcheck.cnf on the volume: restored or copied data, or a volume of an older image",
        remedy="start once with MARIADB_AUTO_UPGRADE=1, which makes account and file anew (or ALTER USER "
        "healthcheck@localhost with the password of .my-healthcheck.cnf); the server itself is well",
        weight=5,
        lasting=True,
        rejects=("root's or the application's password: another account is refused",),
    ),
    Rule(
        "file of the health check that is ignored",
        says=r"World-writable config file '(?P<file>\S*my-healthcheck\.cnf)' is ignored",
        cause="{file} may be written by all, so that the client ignores it and the health check asks without a "
        "password: the volume is a directory of Windows or a share, which knows no modes",
        remedy="a named volume (or chmod 0600 of that file where the file system keeps modes); the server is "
        "well",
        weight=6,
        lasting=True,
        rejects=("the password: the file that holds it is not read",),
    ),
    Rule(
        "quotes that belong to the password",
        says=_DENIED,
        cause="the password holds the quotes of the list form of `environment` (- MARIADB_ROOT_PASSWORD='x' keeps "
        "them)",
        remedy="remove the quotes there (or write a mapping, NAME: value), and start with a fresh volume, "
        "or change the password in the database",
        weight=1,
        facts=_quotes,
        lasting=True,
        rejects=("the name of the variable: renaming it keeps the quotes",),
    ),
    Rule(
        "password of the health check",
        says=_DENIED,
        cause="the health check has another password than the database: its variable is not expanded (CMD runs no "
        "shell, and Compose takes $NAME for its own), or the password was changed",
        remedy="CMD-SHELL and $$NAME in the health check, or the server's own (healthcheck.sh --connect); "
        "the server is well",
        weight=0,
        facts=_in_health,
        lasting=True,
    ),
    Rule(
        "password changed after the first start",
        says=_DENIED,
        cause="the password of {user} is not the one in the database: it was set when the volume was first "
        "started, and does not follow an edited variable or secret",
        remedy="put the former secret back, or change it in the database (ALTER USER … IDENTIFIED BY …); "
        "quotes in a list-form variable count as part of it",
        weight=2,
        facts=_old_volume,
        lasting=True,
    ),
    Rule(
        "host that the user may not come from",
        says=r"Host '(?P<host>[^']+)' is not allowed to connect",
        cause="no account may come from the host {host}: it was made for localhost or another address only",
        remedy="CREATE USER 'name'@'%' (or the network) and GRANT, or MARIADB_ROOT_HOST=% before the first "
        "start",
        weight=4,
        lasting=True,
        rejects=("the password: the host is refused before it",),
    ),
    Rule(
        "host that the server has blocked",
        says=r"Host '(?P<host>[^']+)' is blocked because of many connection errors",
        cause="the server blocks {host}: too many connections from there broke off before they were made (a health "
        "check or balancer that only opens the port)",
        remedy="`FLUSH HOSTS` (mariadb-admin flush-hosts) lets it in again; let the check log in, or raise "
        "max_connect_errors",
        weight=4,
        lasting=True,
        rejects=("the account: it is not asked for at all",),
    ),
    Rule(
        "connections used up by one client",
        says=r"Too many connections|User '?(?P<user>\S+?)'? already has more than 'max_user_connections'"
        r"|max_user_connections|ER_CON_COUNT_ERROR",
        cause="all connections are in use: as a rule one client leaves them open and asleep (a leaking "
        "pool, or a health check that opens one each time)",
        remedy="`SHOW PROCESSLIST`: find the user with most Sleep, limit that user (MAX_USER_CONNECTIONS), "
        "mend its pool (pool.max_size); raise max_connections only as a stopgap",
        weight=3,
        lasting=True,
        rejects=("max_connections is too low: raising it only delays the end",),
    ),
    Rule(
        "packet or timeout",
        says=r"Got a packet bigger than 'max_allowed_packet'|MySQL server has gone away"
        r"|Got timeout (?:reading|writing) communication packets|Aborted connection \d+ to db",
        cause="client and server do not agree on how long or how large: max_allowed_packet or wait_timeout",
        remedy="raise max_allowed_packet, and let the pool recycle connections before wait_timeout "
        "(pool_recycle)",
        weight=2,
        status=Status.WARN,
        lasting=True,
    ),
    Rule(
        "locks that wait for each other",
        says=r"Lock wait timeout exceeded|Deadlock found when trying to get lock",
        cause="transactions wait for each other's rows",
        remedy="`SHOW ENGINE INNODB STATUS` names both; shorten transactions, touch rows in one order, retry",
        weight=3,
        status=Status.WARN,
        lasting=True,
    ),
    Rule(
        "password without any for the first start",
        says=r"no root password is given|given without its password"
        r"|Database is uninitialized and password option is not specified"
        r"|You need to specify one of MARIADB_ROOT_PASSWORD",
        cause="the first start found no password: neither secret nor variable",
        remedy="`toolkit up` makes and mounts the secret; with an own fragment give MARIADB_ROOT_PASSWORD_FILE",
        weight=3,
    ),
    Rule(
        "way of logging in that the client lacks",
        says=r"caching_sha2_password|Authentication plugin '(?P<plugin>\w+)' (?:cannot|is not|reported)"
        r"|Plugin \S+ could not be loaded|auth_gssapi_client|client does not support authentication",
        cause="client and server do not share a way to log in ({plugin}): an old client, or MySQL 8's own "
        "plugin",
        remedy="update the client's library, or ALTER USER … IDENTIFIED VIA mysql_native_password",
        weight=3,
        lasting=True,
    ),
    Rule(
        "TLS that client and server do not agree on",
        says=r"TLS/SSL error|SSL connection error|ERROR 2026"
        r"|SSL is required, but the server does not support it"
        r"|Connections using insecure transport are prohibited",
        cause="client and server do not agree on TLS: clients from 11.4 on want a certificate that they "
        "can check",
        remedy="--skip-ssl-verify-server-cert (or ssl-ca) at the client, or TLS at the server",
        weight=3,
        lasting=True,
    ),
    Rule(
        "index or row too long",
        says=r"maximum column size is 767|Specified key was too long|Row size too large"
        r"|Data too long for column",
        cause="the schema does not fit the row format or the character set",
        remedy="ROW_FORMAT=DYNAMIC and shorter keys (191 characters for utf8mb4), or a larger column",
        weight=3,
        status=Status.WARN,
        lasting=True,
    ),
)


@check("mariadb.access", "Clients get into MariaDB", needs=TOLD, wants=EVIDENCE, suites={Suite.DIAGNOSE})
def mariadb_access(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Say why a client is not let into MariaDB.

    User and password are made when the volume is new, and never follow an edited variable. Quotes in a list-form
    variable are part of the password. `Too many connections` is a client that leaves its connections open: more
    of them only delay it.
    """
    return read(RULES, plan, seen)
