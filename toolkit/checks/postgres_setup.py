"""Is what PostgreSQL starts from set up rightly?"""

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
        "lock file of a server that was killed",
        says=r"lock file \"(?P<file>[^\"]+)\" is empty|bogus data in lock file",
        cause="the lock file {file} is empty or nonsense: the server was killed (or the disk full) while it "
        "wrote it",
        remedy="be sure that no other server has the directory (`docker ps --filter volume=…`), remove "
        "postmaster.pid, start",
        weight=4,
    ),
    Rule(
        "directory that is no database",
        says=r"is not a valid data directory|File \"?\S*PG_VERSION\"? (?:is missing|does not contain)"
        r"|\"\S*\" does not exist"
        r" or is not a (?:database|data) directory",
        cause="the data directory holds no (whole) database: PG_VERSION is missing or unreadable: a first start "
        "that ended early, or a mount one level too high or low",
        remedy="mount the directory that holds PG_VERSION (PGDATA); where it never held data, empty it and "
        "start again",
        weight=4,
    ),
    Rule(
        "key or certificate",
        says=r"private key file \"(?P<key_>[^\"]+)\" (?:has group or world access|must be owned)|could not "
        r"load (?:server|root)"
        r" certificate file \"(?P<cert>[^\"]+)\"|could not load private key file|could not access private "
        r"key file",
        cause="key or certificate {key_}{cert} is missing, or its owner or mode is not what PostgreSQL demands (a "
        "writable or foreign key is refused)",
        remedy="chown 999:999 (or root) and chmod 0600 the key; mount both; ssl = off where TLS is not meant",
        weight=4,
    ),
    Rule(
        "data directory open to others",
        says=r"has group or world access|[Pp]ermissions should be u=rwx",
        cause="the data directory may be read by others, which PostgreSQL refuses: it wants mode 0700 or "
        "0750",
        remedy="chmod 0700 it; on a mount that knows no modes (Windows, macOS, NFS) take a named volume",
        weight=3,
    ),
    Rule(
        "locale that the image does not have",
        says=r"invalid locale (?:name|settings)|locale \"?(?P<name>[\w.-]+)\"? (?:is not|not) (?:recognized"
        r"|supported|known)"
        r"|[Dd]atabase locale is incompatible|encoding .* does not match locale",
        cause="the locale {name} is not in this image (an Alpine image, or another distribution than the one that "
        "made the data)",
        remedy="take the image with the same base as before (Debian: localedef in an image of your own); for a new "
        "database --locale=C.UTF-8",
        weight=4,
    ),
    Rule(
        "library to be loaded at its start",
        says=r"could not access file \"(?P<lib>(?!\S*/)[\w$/.-]+)\": No such file|library "
        r"\"?(?P<l2>[\w.-]+)\"? (?:must|has to) be"
        r" loaded via shared_preload|must be (?:loaded|added).{0,20}shared_preload_libraries",
        cause="shared_preload_libraries names {lib}{l2}, and the image does not have it (or it is missing "
        "there)",
        remedy="take it out of shared_preload_libraries, or take an image with that extension; extensions that need "
        "it are listed there",
        weight=4,
    ),
    Rule(
        "standby that asks for more",
        says=r"insufficient parameter settings|requested WAL segment \w+ has already been removed|could not "
        r"connect to the primary"
        r"|hot standby is not possible|requested timeline .* is not",
        cause="a standby cannot follow its primary: lower limits than the primary's, WAL that is gone there, "
        "or no way to it",
        remedy="the primary's max_connections, max_worker_processes and the like; a replication slot (or "
        "wal_keep_size); otherwise pg_basebackup anew; where no standby is meant remove standby.signal",
        weight=3,
    ),
    Rule(
        "who speaks to its port is no client",
        says=r"invalid length of startup packet|unsupported frontend protocol|no PostgreSQL user name "
        r"specified in startup packet",
        cause="something that is no client of PostgreSQL speaks to its port: a health check of a proxy, a "
        "scanner, or HTTP",
        remedy="harmless for the server; let the check use pg_isready, and publish the port on 127.0.0.1 at "
        "most",
        weight=3,
        status=Status.WARN,
        lasting=True,
    ),
    Rule(
        "client that finds no socket",
        says=r"connection to server on socket \"(?P<socket>[^\"]+)\" failed|connection to server at "
        r"\"(?P<host>[^\"]+)\".*(?:refused"
        r"|timed? ?out)|could not connect to server: (?:Connection refused|No such file)",
        cause="no PostgreSQL answers at {socket}{host}: it still starts or ended, or the client asks in the wrong "
        "container (without a host it asks its own socket)",
        remedy="look at the server's own finding; give the host (vector-db) and port 5432; wait for its "
        "health",
        weight=2,
        lasting=True,
    ),
)


@check(
    "postgres.setup",
    "PostgreSQL takes its directory, files and settings",
    needs=TOLD,
    wants=EVIDENCE,
    suites={Suite.DIAGNOSE},
)
def postgres_setup(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Say what PostgreSQL refuses around its data: lock file, keys, locale, the directory itself.

    Each of these is a FATAL of its own before the server listens. None of them asks for pg_resetwal, and none is cured
    by removing the volume.
    """
    return read(RULES, plan, seen)
