"""Are the database's files whole?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Suite, check
from toolkit.diagnosis import EVIDENCE, TOLD, Rule, read
from toolkit.findings import Finding

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot

_DBS = r"maria|mysql|^db|database"
RULES = (
    Rule(
        "configuration that cannot be read",
        says=r"Found option without preceding group in config file:? (?P<file>\S+)(?: at line:? "
        r"(?P<line>\d+))?"
        r"|Could not open required defaults file: (?P<missing>\S+)|Fatal error in defaults handling"
        r"|failed while attempting to check config",
        cause="the server's configuration cannot be read {file} {line} {missing}: a line before its [mysqld], a "
        "file that is missing, or an option that this version does not know",
        remedy="correct that file; `mariadbd --help --verbose >/dev/null` tells of each mistake without a "
        "start",
        weight=3,
    ),
    Rule(
        "script of the first start that fails",
        says=r"ERROR (?P<code>1064|1419|1146|1062|1050) \(\w+\) at line (?P<line>\d+)",
        cause="a script of the first start (/docker-entrypoint-initdb.d) fails in line {line} with error {code}: "
        "the first start ended there, and the volume is half made",
        remedy="correct the script (1064 is its grammar, 1419 wants log_bin_trust_function_creators=1), remove the "
        "volume by name where it holds nothing yet, and start again",
        weight=3,
    ),
    Rule(
        "files of the image that are hidden",
        says=r"Can't find messagefile '(?P<file>[^']+)'|Can't find error-message file '(?P<other>[^']+)'",
        cause="the file {file}{other} of the image is not where the configuration looks: a my.cnf of another "
        "distribution (lc-messages-dir, basedir), or a mount over /usr/share/mysql",
        remedy="take basedir and lc-messages-dir out of the mounted configuration; mount single files into "
        "conf.d only",
        weight=3,
    ),
    Rule(
        "file system that is not fit for a database",
        says=r"can't rmdir '\S+', errno: (?:39|66)|file system for \S+ is case insensitive",
        cause="the data lies on a file system of Windows or macOS, or on a share: names and removed files behave "
        "otherwise there",
        remedy="a named volume of the engine instead of the mounted directory",
        weight=3,
    ),
    Rule(
        "replica that stopped",
        says=r"Slave (?:SQL|I/O)\S*: (?:Error|Got fatal error)|Got fatal error 1236 from (?:master|source)",
        cause="this server is a replica that stopped: its data differs from its primary's, or the primary's "
        "log is gone",
        remedy="`SHOW REPLICA STATUS` names the statement; make the replica anew from a backup rather than "
        "skip it",
        weight=3,
        lasting=True,
    ),
    Rule(
        "plugin that cannot be loaded",
        says=r"Can't open shared library '(?P<library>[^']+)'",
        cause="the plugin {library} is not in this image, or is of another version",
        remedy="take its plugin_load_add line out, or install it in the image; INSTALL SONAME remembers it "
        "in mysql.plugin",
        weight=2,
    ),
    Rule(
        "log that lies behind the pages",
        says=r"log sequence number \d+ is in the future|copied the InnoDB tablespace but not the InnoDB log"
        r"|Missing (?:MLOG_CHECKPOINT|FILE_CHECKPOINT)|Ignoring the redo log due to missing|[Rr]edo log "
        r".{0,40}(?:too old|"
        r"lost)",
        cause="pages are newer than the redo log: the files were copied while the server ran, or the log was "
        "removed (damaged in itself)",
        remedy="restore a backup made with mariadb-backup or a stopped server; without one innodb_force_recovery=1 "
        "(up to 6), mariadb-dump, a fresh volume, and the dump",
        weight=4,
        services=_DBS,
        rejects=("the storage engine is missing in the image: those lines only follow",),
    ),
    Rule(
        "damaged pages",
        says=r"due to corruption on \[page|Page read from tablespace is corrupted|index corruption in an "
        r"InnoDB|is already "
        r"marked as free|Trying to access page number|Space id and page no stored in the page|Failed to read "
        r"page \d+ from file"
        r"|Invalid (?:log header|page|flags 0x)|Index for table .* is corrupt|[Cc]hecksum mismatch in"
        r"|Corrupted page",
        cause="pages of the database are damaged: by a lost power supply, a disk with errors, or a copy that was "
        "made while it ran",
        remedy="look at the disk (`dmesg`, SMART), copy the volume; innodb_force_recovery=1 (up to 3) once to dump "
        "it, a fresh volume, and the dump or the last backup; a damaged table alone is dropped and restored",
        weight=4,
        services=_DBS,
        rejects=("the storage engine is missing in the image: those lines only follow",),
    ),
    Rule(
        "system tables that are missing",
        says=r"privilege tables: Table 'mysql\.\w+' doesn't exist|Table 'mysql\.(?:user|db|plugin|host"
        r"|servers|event|proc|"
        r"global_priv)' doesn't exist|Missing system table mysql|Unknown database 'mysql'",
        cause="the server's system tables (mysql.*) are missing: the data directory was never initialised to its "
        "end, or they are of another version",
        remedy="where it holds nothing of value, remove the volume by name and start again, so that it is "
        "initialised; else restore the directory mysql from a backup, or run mariadb-upgrade "
        "(--skip-grant-tables)",
        weight=4,
        services=_DBS,
        rejects=("the password: accounts cannot be read at all",),
    ),
    Rule(
        "tablespace that was made otherwise",
        says=r"ibdata1' is of a different size|innodb_system data file .* (?:must be writable|different size)"
        r"|innodb_data_file_"
        r"path|Unsupported (?:page size|flags)|Expected tablespace flags",
        cause="the system tablespace is not as the configuration says: another innodb_data_file_path or page size, "
        "a file of MySQL, or one that may not be written",
        remedy="set innodb_data_file_path and innodb_page_size back to what the files have; correct owner and mode; "
        "data of MySQL 8 comes over by a dump only",
        weight=4,
        services=_DBS,
    ),
    Rule(
        "file system that InnoDB cannot use",
        says=r"Operating system error number (?:22|95|38) in a file operation|O_DIRECT.{0,40}(?:fail|not "
        r"supported)|File system"
        r" loop detected|preallocating .*failed with error (?:22|95|38)|fsync\(\).{0,30}(?:22|Invalid)",
        cause="the file system under the data directory cannot do what InnoDB asks (direct I/O, allocation): a "
        "network share, a mount of Windows or macOS, or an overlay",
        remedy="keep the data in a named volume or on ext4/xfs; else innodb_flush_method=fsync and "
        "innodb_use_native_aio=0",
        weight=4,
        services=_DBS,
    ),
    Rule(
        "files that are not there",
        says=r"Operating system error number 2 in a file operation|Cannot open datafile for read-?only|Could "
        r"not find a valid "
        r"tablespace file|Failed to find tablespace|can't check PID filepath",
        cause="files that the data dictionary (or the configuration) names are not there: a copy that was not "
        "whole, or a directory that is missing",
        remedy="restore the missing files from the backup; for a table that may go: DROP TABLE, and DISCARD "
        "TABLESPACE before an import; make the directory that is named",
        weight=2,
        services=_DBS,
    ),
    Rule(
        "log of transactions that was not closed",
        says=r"Can't init tc log|Bad magic header in tc log|tc\.log",
        cause="the transaction coordinator's log (tc.log) is damaged or empty after a hard end or a full "
        "disk",
        remedy="look at the disk's room, move tc.log out of the data directory, start again",
        weight=4,
        services=_DBS,
    ),
    Rule(
        "key for encrypted tables",
        says=r"[Uu]nable to decrypt|[Ee]ncryption key .*(?:not found|failed)|Obtaining redo log encryption "
        r"key|file_key_management",
        cause="tables or log are encrypted, and the key (its plugin or file) is not there",
        remedy="give the plugin and its key file as before; without the key nothing can be read",
        weight=4,
        services=_DBS,
    ),
    Rule(
        "started in recovery mode",
        says=r"innodb_force_recovery is on|Table is read only|Running in read-only mode",
        cause="innodb_force_recovery is still set: the server is read-only by it",
        remedy="dump what is needed, then take innodb_force_recovery out of the configuration and start "
        "again",
        weight=3,
        services=_DBS,
        lasting=True,
    ),
)


@check(
    "mariadb.files",
    "MariaDB's files are whole and its own",
    needs=TOLD,
    wants=EVIDENCE,
    suites={Suite.DIAGNOSE},
)
def mariadb_files(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Tell the ways apart in which InnoDB's and Aria's files are not what the server expects.

    A log that lies behind its pages is a copy that was not whole, or a log that somebody removed; a page with a wrong
    checksum is damage; a system tablespace of another size is a setting. Dump what can be read before anything is
    deleted, and never delete the redo log.
    """
    return read(RULES, plan, seen)
