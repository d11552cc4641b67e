"""Can PostgreSQL start from its files?"""

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
        "another major version",
        says=r"database files are incompatible with server"
        r"|data directory was initialized by PostgreSQL version (?P<old>[\d.]+), which is not "
        r"compatible with this version (?P<new>[\d.]+)"
        r"|there appears to be PostgreSQL data in:|in 18\+, these Docker images are configured",
        cause="the data was made by PostgreSQL {old}, and the image is {new}: a floating tag moved on to "
        "the next major version",
        remedy="pin the image to the old major version ({section}.image), then dump and restore, or "
        "pg_upgrade",
        weight=4,
        rejects=("the client or the network: clients only see that the server is away",),
    ),
    Rule(
        "data directory in use",
        says=r"lock file \"(?P<file>[^\"]+)\" already exists|Is another (?:postmaster"
        r"|postgres) \(PID (?P<pid>\d+)\) running|pre-existing shared memory block",
        cause="another server has the data directory, or a killed one left its lock file",
        remedy="`docker ps --filter volume=…`: stop the other one; only when there is surely none, remove "
        "postmaster.pid",
        weight=3,
    ),
    Rule(
        "owner or mode of the data directory",
        says=r"belongs to user \d+, and this is user|data directory \"[^\"]+\" has (?:invalid permissions"
        r"|wrong ownership)"
        r"|could not change permissions of directory|initdb: error: could not (?:access|change)"
        r"|could not open (?:file|directory) \"[^\"]+\": Permission denied",
        cause="the data directory is not the server's own, or open to others: PostgreSQL demands owner and "
        "mode 0700 or 0750",
        remedy="chown -R 999:999 it and chmod 0700, or take a named volume",
        weight=3,
    ),
    Rule(
        "damaged files or log",
        says=r"invalid (?:primary )?checkpoint record|could not locate a valid checkpoint"
        r"|invalid page in block|could not read block|PANIC:.*(?:could not|corrupt)"
        r"|WAL file is from different database system|unexpected pageaddr"
        r"|could not open file \"(?:global|base|pg_\w+)/[^\"]*\": No such file|missing chunk number"
        r"|incorrect (?:resource manager data )?checksum|contains invalid data|invalid magic number",
        cause="files or log of the database are damaged: by a lost power supply, a full disk, or a copy "
        "that was made while it ran",
        remedy="copy the volume first, look at the disk; then restore the last backup; pg_resetwal only as "
        "the very last step, it loses data",
        weight=2,
    ),
    Rule(
        "wrong setting",
        says=r"unrecognized configuration parameter \"(?P<name>[^\"]+)\""
        r"|invalid value for parameter \"(?P<value>[^\"]+)\""
        r"|configuration file \"(?P<file>[^\"]+)\" contains errors"
        r"|syntax error in file \"(?P<syntax>[^\"]+)\"|parameter \"(?P<p>[^\"]+)\" cannot be changed"
        r"|could not load (?:\S+)?pg_hba\.conf|invalid authentication method",
        cause="PostgreSQL refuses its configuration: {name}{value}{syntax}{p}",
        remedy="correct or take out that line (an override of templates/vector_db): settings go with the "
        "versions",
        weight=3,
    ),
    Rule(
        "memory that it cannot get",
        says=r"popen failure: Cannot allocate|could not execute command.*Cannot allocate memory"
        r"|could not map anonymous shared memory"
        r"|could not create shared memory segment: (?:Cannot allocate|Invalid argument)"
        r"|This error usually means that PostgreSQL's request for a shared memory segment exceeded"
        r"|could not fork new process|out of memory.*DETAIL|FATAL: +out of memory",
        cause="shared_buffers (or many connections) want more memory than the container may have",
        remedy="raise {section}.memory, or lower shared_buffers and work_mem × connections",
        weight=3,
        rejects=("/dev/shm: the main segment is anonymous memory",),
    ),
    Rule(
        "process ended by a signal",
        says=r"was terminated by signal (?P<signal>9|11|6|7)\b",
        cause="a server process was ended by signal {signal}: 9 is the kernel's kill for memory, 7 a "
        "/dev/shm that is too small, 11 and 6 a crash (an extension, damaged files)",
        remedy="look at container.memory and the kernel's log for 9; raise shm_size for 7",
        weight=1,
        lasting=True,
    ),
    Rule(
        "processor without the instructions",
        says=r"was terminated by signal 4\b|(?<!an )[Ii]llegal instruction",
        cause="a library of the server or an extension uses instructions that this processor does not have",
        remedy="take an image (of the extension) that is built for this processor, or another machine",
        weight=3,
        lasting=True,
    ),
    Rule(
        "extension built for another version",
        says=r"could not load library \"(?P<library>[^\"]+)\":.*(?:undefined symbol(?:: (?P<symbol>\w+))?"
        r"|version `"
        r"|wrong ELF class)"
        r"|incompatible library \"(?P<other>[^\"]+)\"|Server is version \d+, library is version"
        r"|missing magic block|could not find function \"(?P<function>\w+)\" in file",
        cause="the library {library}{other} of an extension was built for another major version of the server, or "
        "is older than its own SQL",
        remedy="take the image that holds both (pgvector/pgvector:pgNN) and no library copied or mounted into "
        "another; then `ALTER EXTENSION vector UPDATE`",
        weight=3,
        lasting=True,
        rejects=("the data: the library is at fault",),
    ),
    Rule(
        "library that the extension needs",
        says=r"could not load library \"(?P<library>[^\"]+)\": (?P<needs>\S+): cannot open shared object "
        r"file",
        cause="the extension's library {library} needs {needs}, which the image lacks",
        remedy="take an image that was made with the extension, or install the package of {needs}",
        weight=3,
        lasting=True,
    ),
    Rule(
        "extension missing or of another build",
        says=r"could not open extension control file \"?(?P<file>[^\":]+)"
        r"|extension \"(?P<name>\w+)\" is not available|could not (?:load library"
        r"|access file) \"(?P<library>[^\"]+)\"|incompatible library"
        r"|has no installation script nor update path|type \"vector\" does not exist"
        r"|access method \"(?:hnsw|ivfflat)\" does not exist",
        cause="the server has no extension {name}{file}: the image is one without pgvector, an older one, "
        "or clients reach another PostgreSQL than this one",
        remedy="take the image with pgvector ({section}.image), `CREATE EXTENSION vector`; compare "
        "`SELECT version()` of the client with that inside of the container",
        weight=2,
        lasting=True,
    ),
    Rule(
        "index larger than what is allowed",
        says=r"column cannot have more than 2000 dimensions"
        r"|hnsw graph no longer fits into maintenance_work_mem"
        r"|memory required is \d+ MB, maintenance_work_mem is",
        cause="the vector index does not fit: more than 2000 dimensions, or a graph larger than "
        "maintenance_work_mem",
        remedy="raise maintenance_work_mem (and shm_size with it) while it is built; over 2000 dimensions "
        "index halfvec",
        weight=3,
        lasting=True,
        status=Status.WARN,
    ),
    Rule(
        "port number or socket",
        says=r"could not create (?:any TCP/IP|any Unix-domain) sockets"
        r"|could not create lock file \"(?:/var)?/run/postgresql",
        cause="it cannot listen: the port is taken, or /var/run/postgresql is not writable for its user",
        remedy="the line before says which: free the port, or give /var/run/postgresql a tmpfs of its user",
        weight=2,
    ),
    Rule(
        "directory that is not empty",
        says=r"is neither empty nor a PostgreSQL data directory|exists but is not empty"
        r"|It contains a lost\+found directory"
        r"|If you want to create a new database system, either remove or empty",
        cause="the data directory is the root of a disk or holds other files, so that no database can be "
        "made in it",
        remedy="let the data be in a directory below it (PGDATA), or empty it where nothing of value is "
        "there",
        weight=3,
    ),
    Rule(
        "collation of another C library",
        says=r"collation version mismatch|was created using collation version|locale .*(?:incompatible"
        r"|not found)|database locale is incompatible",
        cause="the image has another C library than the one the indexes were made with: their order may be "
        "wrong",
        remedy="REINDEX DATABASE, then ALTER DATABASE … REFRESH COLLATION VERSION",
        weight=3,
        status=Status.WARN,
        lasting=True,
    ),
    Rule(
        "still starting or recovering",
        says=r"the database system is (?:starting up|in recovery mode|not yet accepting)",
        cause="it still starts, or recovers after an unclean end",
        remedy="wait; raise {section}.health.start_period where it is ended meanwhile",
        weight=1,
        status=Status.WARN,
    ),
    Rule(
        "locks or memory for one transaction",
        says=r"You might need to (?:increase|raise) max_locks|out of shared memory",
        cause="one transaction takes more locks than there is room for (many tables or partitions at once)",
        remedy="raise max_locks_per_transaction",
        weight=3,
        lasting=True,
    ),
    Rule(
        "vectors of another length",
        says=r"expected (?P<want>\d+) dimensions, not (?P<got>\d+)"
        r"|different vector dimensions (?P<a>\d+) and (?P<b>\d+)|column does not have dimensions",
        cause="the vectors have {got}{a} dimensions, the column {want}{b}: the embedding model was changed "
        "after the table was made",
        remedy="go back to the former model, or make the column anew and embed everything again",
        weight=3,
        lasting=True,
    ),
)


@check(
    "postgres.start", "PostgreSQL starts from its files", needs=TOLD, wants=EVIDENCE, suites={Suite.DIAGNOSE}
)
def postgres_start(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Say why PostgreSQL does not come up, by its first FATAL or PANIC.

    Data belongs to one major version: a tag that moved on is the commonest cause, and pinning the old one the
    cure. `could not resize shared memory segment` is storage.space's matter. PANIC with damaged files: copy the
    volume before anything else.
    """
    return read(RULES, plan, seen)
