"""Can MariaDB start from its files?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Suite, check
from toolkit.diagnosis import EVIDENCE, TOLD, Hit, Rule, Scene, Signal, against, read, speaks_for
from toolkit.findings import Finding, Status

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot

_RECOVERY = (
    r"Starting crash recovery|Starting a batch to recover|Crash recovery (?:started|finished)"
    r"|was not shut ?down (?:normally|properly|cleanly)"
)
_DBS = r"maria|mysql|^db|database|^kernel|compose|docker"


def _killed(hit: Hit, scene: Scene) -> Iterator[Signal]:
    if scene.killed_for_memory(hit.subject):
        yield speaks_for("engine or kernel killed it for memory", 4)
    elif scene.told(hit.subject, r"oom-kill|OOMKilled|Out of memory"):
        yield speaks_for("its account names a kill for memory", 4)


def _stopped_hard(hit: Hit, scene: Scene) -> Iterator[Signal]:
    if scene.killed_for_memory(hit.subject):
        yield against("it was killed for memory, not stopped", 3)
    if not scene.told(
        hit.subject,
        r"[Nn]ormal shutdown|Shutdown complete|Shutdown completed|received SHUTDOWN|Received signal 15",
    ):
        yield speaks_for("no line of a shutdown before it", 1)
    container = scene.container(hit.subject)
    if container is not None and container.exit_code == 137 and not container.oom_killed:
        yield speaks_for("its last end was exit code 137 (SIGKILL), and not for memory", 1)


RULES = (
    Rule(
        "upgrade over a log that is not empty",
        says=r"Upgrade after a crash is not supported(?:\. The redo log was created with "
        r"(?P<by>.+?)[.,]?$)?|redo log was created with (?P<by2>MariaDB [\d.]+)"
        r"|Cannot upgrade.*redo log",
        cause="the version before was killed (SIGKILL after the grace period) with work left in its redo log, and "
        "another version refuses to read that: it was written by {by}{by2}, which is the log's version, not that of "
        "the last run",
        remedy="start the version before once more, let it shut down cleanly (`toolkit down`), then "
        "upgrade; raise stop_grace_period of the service",
        weight=4,
        services="",
        rejects=(
            "a broken storage engine: `registration as a STORAGE ENGINE failed` and `Aborting` only follow "
            "from it",
        ),
    ),
    Rule(
        "version before is older than the files",
        says=r"(?:Unsupported|unsupported) redo log format|InnoDB: .*(?:downgrade|created by a (?:later"
        r"|newer|future))|Invalid MySQL server (?:downgrade|upgrade)|Server upgrade is only supported"
        r"|is marked as (?:supported|created) by a newer|redo log.*(?:Only|only) (?:logs|versions)",
        cause="the files were written by a newer version, or by MySQL, than the one that starts now: there "
        "is no way back",
        remedy="pin the image to the version before ({section}.image); data goes to another version "
        "by mariadb-dump",
        weight=3,
    ),
    Rule(
        "killed for memory",
        says=_RECOVERY,
        cause="it was killed for memory: buffer pool and the buffers of its connections together are more "
        "than the limit of the container, whatever the host has free",
        remedy="lower innodb_buffer_pool_size to 50 to 70 % of the limit, or raise {section}.memory",
        weight=0,
        facts=_killed,
        services=_DBS,
        lasting=True,
        rejects=("the host has memory enough: it is the container's own limit",),
    ),
    Rule(
        "stopped hard each time",
        says=_RECOVERY,
        cause="it was ended without a shutdown: SIGTERM does not reach the server (a wrapper is PID 1) or "
        "the grace period is too short, so that every start recovers",
        remedy="raise stop_grace_period to 60s and more, and let the entrypoint `exec` the server; the "
        "recovery itself is harmless",
        weight=1,
        facts=_stopped_hard,
        services=_DBS,
        status=Status.WARN,
        lasting=True,
    ),
    Rule(
        "files of another server still in use",
        says=r"Unable to lock \S*ibdata1|Can't lock aria control file|another (?:mysqld|mariadbd) process"
        r"|Could not get an exclusive lock|error: 11\b.*(?:lock|innodb)",
        cause="another server still has the data directory: a second container on the same volume, or a "
        "process that was not ended",
        remedy="`docker ps --filter volume=…` shows who mounts it; stop that one, then start again; do not "
        "delete lock or log files",
        weight=3,
    ),
    Rule(
        "damaged files",
        says=r"[Cc]orruption of (?:page|an index)|Data structure corruption|Database page corruption"
        r"|Missing FILE_(?:CREATE|CHECKPOINT)|log sequence number .* is in the future|Cannot (?:open"
        r"|read first page of) (?:tablespace|'?\./ibdata1)|checksum mismatch"
        r"|Header page consists of zero bytes|space header page consists of zero"
        r"|Table '.*' is marked as crashed|tc\.log|Bad magic header in tc log"
        r"|Aria engine is not enabled|Aria recovery failed|page \[page id.*(?:corrupt|checksum)",
        cause="the files of the database are damaged: by a lost power supply, a full disk, or a copy that "
        "was made while it ran",
        remedy="copy the volume first; then innodb_force_recovery=1 (up to 3) once to dump it, a fresh volume, and "
        "the dump or the last backup; for tc.log or aria_log_control move only that file away",
        weight=3,
        rejects=(
            "the storage engine is missing in the image: `Unknown/unsupported storage engine: InnoDB` only "
            "follows",
        ),
    ),
    Rule(
        "pool larger than the container",
        says=r"Cannot (?:map innodb_buffer_pool_size_max|allocate memory for the buffer pool)"
        r"|InnoDB: Fatal error: cannot allocate|innodb_buffer_pool_size.*(?:Cannot allocate|too large)"
        r"|mmap\(\d+ bytes\) failed|mysqld: Out of memory|mariadbd: Out of memory",
        cause="the buffer pool is larger than the memory that the container may have",
        remedy="lower innodb_buffer_pool_size, or raise {section}.memory",
        weight=3,
        rejects=(
            "InnoDB is missing in the image: `Unknown/unsupported storage engine: InnoDB` only follows",
        ),
    ),
    Rule(
        "option that this version does not know",
        says=r"unknown (?:variable|option) '?(?P<option>[\w=.-]+)"
        r"|unknown suffix '(?P<suffix>.)' used for variable|option '(?P<bad>[\w-]+)' (?:requires"
        r"|doesn't take)|Unknown character set"
        r"|Error while setting value '(?P<value>[^']*)' to '(?P<name>[^']*)'|ambiguous option",
        cause="the configuration holds an option that this version does not know or take: "
        "{option}{bad}{name}",
        remedy="take it out of the configuration (an override of templates/mariadb): options go with the "
        "versions",
        weight=3,
        services=r"maria|mysql|^db",
    ),
    Rule(
        "data directory that it may not use",
        says=r"(?:mysqld|mariadbd|InnoDB).*(?:Can't (?:create|read|find|open|change dir)"
        r"|The error means).*(?:Errcode: 13|Permission denied|access rights|directory)"
        r"|Operating system error number 13 in a file operation|mysqld does not have the access rights"
        r"|Can't create (?:test file|/write to file)|Can't create/write to file",
        cause="the server's user may not write to its data directory (or to its temporary one)",
        remedy="chown -R 999:999 the directory on the host (the uid of the image), or take a named volume",
        weight=3,
    ),
    Rule(
        "data directory that is not empty",
        says=r"is neither empty nor a MariaDB data directory|(?:data directory|datadir).*has files in it"
        r"|--initialize specified but the data directory"
        r"|mysql\.(?:user|db|plugin|host)' doesn't exist|Can't open and lock privilege tables"
        r"|Could not open mysql\.plugin",
        cause="the data directory holds something, but no finished database: the first start was "
        "interrupted, or other files lie there",
        remedy="look into the volume; where it holds nothing of value, remove it by name (`docker volume "
        "rm …`) and start again",
        weight=3,
    ),
    Rule(
        "crash of the server",
        says=r"(?:mysqld|mariadbd|MariaDB).*got (?:signal|exception) (?P<signal>\S+)"
        r"|\[ERROR\] mysqld got signal|signal 11|Assertion failure",
        cause="the server crashed (signal {signal}): a full disk does that to MariaDB, damaged files do, "
        "and so do its bugs",
        remedy="look at the disk first (`df -h`, `df -i`), then at the lines above for damaged files; keep "
        "a copy of the volume",
        weight=1,
        services=r"maria|mysql|^db",
    ),
    Rule(
        "system tables of the version before",
        says=r"mysql_upgrade|mariadb-upgrade|Incorrect definition of table mysql\."
        r"|Column count of mysql\.\w+ is wrong|Incorrect file format '|Cannot load from mysql\."
        r"|innodb_(?:table|index)_stats\"? not found|mysql\.\w+ has length mismatch|Unknown/unsupported "
        r"table type",
        cause="the system tables are still those of the version before: the upgrade was not run, or ended "
        "early",
        remedy="run mariadb-upgrade in the container (or start it once with MARIADB_AUTO_UPGRADE=1) after "
        "a copy of the volume",
        weight=3,
        status=Status.WARN,
        lasting=True,
    ),
    Rule(
        "tables whose files are gone",
        says=r"doesn't exist in engine|Tablespace is missing for table|Table '\S+' doesn't exist in engine"
        r"|InnoDB: Table \S+ in the InnoDB data dictionary has tablespace id"
        r"|Tablespace \d+ was not found",
        cause="files of tables are missing or of another version: a copy that was not whole, or an upgrade "
        "that ended early (damaged)",
        remedy="restore the backup, or start the version before and dump; for system tables run "
        "mariadb-upgrade",
        weight=3,
    ),
    Rule(
        "files that were made with other settings",
        says=r"lower_case_table_names|innodb_page_size start-up parameter|is of different size"
        r"|uses page size|undo tablespaces? .*(?:exist|found)|redo log file .* (?:was not found"
        r"|missing)|ib_logfile0.* (?:not found|missing)|Missing redo log",
        cause="the files were made with another setting than the server now has (page size, names, logs): "
        "these are fixed at the first start",
        remedy="set it back to what the files have; another value needs a dump and a fresh volume",
        weight=3,
    ),
    Rule(
        "asynchronous input and output",
        says=r"io_setup\(\) (?:failed|returned)|io_uring_queue_init\(\) failed(?! with errno (?:1|38)\b)"
        r"|aio-max-nr|create_uring failed(?!: falling back)",
        cause="the kernel gives no (more) asynchronous I/O: io_uring is switched off, or fs.aio-max-nr is "
        "used up",
        remedy="`sysctl -w fs.aio-max-nr=1048576`; with ENOMEM the ulimit memlock (-1); or "
        "innodb_use_native_aio=0",
        weight=1,
        status=Status.WARN,
    ),
    Rule(
        "will not run as root",
        says=r"run mysqld as root|Please consult the Knowledge Base to find out how to run mysqld as root",
        cause="the server refuses to run as root",
        remedy="leave the user to the image (run_as: null)",
        weight=3,
    ),
    Rule(
        "configuration that is open to all",
        says=r"World-writable config file '(?P<file>(?!\S*my-healthcheck)[^']+)' is ignored",
        cause="the configuration {file} may be written by all, so that it is ignored: the server runs with "
        "its defaults",
        remedy="chmod 0644 that file on the host",
        weight=3,
        status=Status.WARN,
        lasting=True,
    ),
    Rule(
        "collation of MySQL 8",
        says=r"Unknown collation:? '(?P<name>utf8mb4_0900_\w+)'",
        cause="the data or a dump is of MySQL 8: MariaDB does not know {name}",
        remedy="replace it by utf8mb4_unicode_ci in the dump",
        weight=3,
        lasting=True,
    ),
    Rule(
        "cluster that may not start alone",
        says=r"It may not be safe to bootstrap the cluster|WSREP: .*(?:failed to open"
        r"|no nodes coming from prim)",
        cause="a Galera node refuses to start a cluster alone, as others may know more",
        remedy="start the node that was last (safe_to_bootstrap: 1 in grastate.dat) first",
        weight=3,
    ),
)


@check("mariadb.start", "MariaDB starts from its files", needs=TOLD, wants=EVIDENCE, suites={Suite.DIAGNOSE})
def mariadb_start(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Say why MariaDB does not come up, by the first error of InnoDB; what follows it never decides.

    `Unknown/unsupported storage engine: InnoDB`, `registration as a STORAGE ENGINE failed` and `Aborting` come
    after each of these. A log left by a killed older version wants that version once more, for a clean shutdown.
    Recovery after every start means that it is stopped hard: a longer grace period; or that it is killed for
    memory, which engine and kernel tell. Never delete redo log or lock files.
    """
    return read(RULES, plan, seen)
