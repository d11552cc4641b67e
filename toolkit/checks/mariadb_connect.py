"""Do clients find the server and their database?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Suite, check
from toolkit.diagnosis import EVIDENCE, TOLD, Rule, read
from toolkit.findings import Finding

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot

RULES = (
    Rule(
        "server that does not listen there",
        says=r"Can't connect to (?:local )?(?:MySQL |MariaDB )?server (?:through socket '(?P<socket>[^']+)'"
        r"|on '(?P<host>[^']+)')"
        r"|ERROR 200[23]|SQLSTATE\[HY000\] \[200[23]\]|connect to server at '(?P<admin>[^']+)' failed",
        cause="no MariaDB answers at {socket}{host}{admin}: it still starts or ended, or the client asks at the "
        "wrong place (localhost is the client's own container)",
        remedy="look at the server's own finding; ask by its service name (mariadb) and port 3306, not by "
        "localhost; wait for its health (depends_on with service_healthy)",
        weight=3,
        lasting=True,
        rejects=("the password: nobody was asked for it",),
    ),
    Rule(
        "account that logs in by its socket",
        says=r"ERROR 1698|Access denied for user 'root'@'localhost'(?!.*using password)|Plugin 'unix_socket' "
        r"is not loaded",
        cause="the account logs in by its user of the system (unix_socket), not by a password",
        remedy="be that user in the container (`docker exec -u mysql`/root), or ALTER USER … IDENTIFIED BY "
        "'password'",
        weight=4,
        lasting=True,
    ),
    Rule(
        "database without a right to it",
        says=r"Access denied for user '(?P<user>[^']*)'@'[^']*' to database '(?P<db>[^']+)'|command denied "
        r"to user '(?P<u2>[^']*)'",
        cause="the account {user}{u2} has no right to the database {db}",
        remedy="GRANT ALL ON database.* TO 'user'@'%'; the variables of the image give it for the one database of "
        "the first start",
        weight=4,
        lasting=True,
    ),
    Rule(
        "database that is not there",
        says=r"Unknown database '(?P<db>(?!mysql')[^']+)'|ERROR 1049",
        cause="the database {db} is not there: the image makes it only when the volume is first started",
        remedy="CREATE DATABASE it (and GRANT), or correct its name at the client",
        weight=4,
        lasting=True,
    ),
    Rule(
        "variables of the first start that do not go together",
        says=r"MARIADB_USER=\"root\"|MYSQL_USER=\"root\"|Operation CREATE USER failed for|Configured (?:but"
        r"|with).*without"
        r" (?:its )?password",
        cause="the variables for the first start do not go together: root is made by its own, another user needs a "
        "name and a password",
        remedy="MARIADB_ROOT_PASSWORD for root, MARIADB_USER and MARIADB_PASSWORD for another user (not root); "
        "start with a fresh volume",
        weight=4,
    ),
    Rule(
        "table or disk for it is full",
        says=r"The table '(?P<table>[^']+)' is full|ERROR 1114|total number of locks exceeds the lock table",
        cause="the table {table} cannot grow: the disk or tmpfs is full, its size is limited (ibdata, MEMORY), or "
        "the buffer pool holds no more locks",
        remedy="look at the disk (`df -h`) and tmp_table_size; innodb_data_file_path with autoextend; a larger "
        "buffer pool for locks, smaller transactions",
        weight=3,
        lasting=True,
    ),
)


@check(
    "mariadb.connect",
    "Clients find MariaDB and their database",
    needs=TOLD,
    wants=EVIDENCE,
    suites={Suite.DIAGNOSE},
)
def mariadb_connect(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Say what stands between a client and MariaDB before or beside its password.

    2002 and 2003 are no matter of accounts: no server listens there (yet), or at that address. 1130 is an account that
    may only come from elsewhere, 1044 one without rights to that database, 1698 one that logs in by its socket.
    """
    return read(RULES, plan, seen)
