"""Does Redis get what its configuration names?"""

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
        "module that cannot be loaded",
        says=r"Can't load module from (?P<path>\S+?):|Module (?P<name>\S+) (?:failed to load|initialization "
        r"failed|does not export)"
        r"|no matching module '(?P<aux>[^']+)'|can't load: no matching module|unknown command "
        r"'?`?(?P<cmd>(?:JSON|FT|BF|TS|CF|TOPK"
        r"|GRAPH)\.\w+)",
        cause="a module ({path}{name}{aux}{cmd}) is missing, of another version, or its data is in the dump "
        "and it is not",
        remedy="take the image that has it (redis 8 or redis-stack), its file executable (chmod +x); or take "
        "loadmodule out",
        weight=4,
        lasting=True,
    ),
    Rule(
        "certificate or key",
        says=r"Failed to (?:configure TLS|load (?:certificate|private key|DH params))|No tls-(?:cert"
        r"|key)-file configured"
        r"|Failed to configure CA certificate|tls-ca-cert-(?:file|dir) must be specified",
        cause="TLS is configured, and its certificate, key or CA is missing, unreadable for redis' user, or "
        "does not fit",
        remedy="mount tls-cert-file, tls-key-file and tls-ca-cert-file so that uid 999 reads them; or leave "
        "tls-port out",
        weight=4,
    ),
    Rule(
        "rules of access",
        says=r"because of ACL errors|Error loading ACL(?:s| rule)|Critical error while loading ACLs|users "
        r"defined in redis\.conf and",
        cause="a rule of the ACL file is not valid, or users stand both there and in the configuration",
        remedy="correct the line that it names; users either in aclfile or in redis.conf",
        weight=4,
    ),
    Rule(
        "manifest of the append-only files",
        says=r"AOF MANIFEST FILE ERROR|AOF manifest file (?P<file>\S+)?.*(?:No such|denied|:)|append log "
        r"file .* doesn't exist"
        r"|Unrecoverable error reading the append only file|Found an empty AOF manifest",
        cause="the manifest of the append-only files, or a file that it names, is missing, damaged or not "
        "readable",
        remedy="copy appendonlydir; correct its owner (999:999); put the missing file back, or `redis-check-aof "
        "--fix` on the manifest; of a cache remove the volume by name",
        weight=3,
    ),
    Rule(
        "dump that may not be read",
        says=r"Fatal error loading the DB.*Permission denied|Fatal error.*(?:RDB|dump).*Permission denied"
        r"|can't open the RDB file"
        r".*Permission denied",
        cause="dump.rdb belongs to another user (a copy made by root, or another image), and redis may not "
        "read it",
        remedy="chown 999:999 dump.rdb (or 1001 of other images) and its directory, then start again",
        weight=4,
        rejects=("a damaged dump: it was not read at all",),
    ),
    Rule(
        "file of the cluster",
        says=r"cluster configuration file .* is already used|Unrecoverable error: corrupted cluster config"
        r"|nodes\.conf"
        r"|can't update cluster config",
        cause="the cluster's file nodes.conf is used by another server, damaged, or may not be written",
        remedy="a directory of its own for each server; remove a damaged nodes.conf and join the cluster "
        "again",
        weight=3,
    ),
    Rule(
        "limit of open files",
        says=r"requiring at least (?P<n>\d+) max file descriptors|can't set maximum open files|current "
        r"NOFILE limit"
        r"|Current maximum open files is (?P<has>\d+)",
        cause="the ulimit nofile ({has}) is lower than maxclients asks for ({n})",
        remedy="raise the ulimit nofile of the service, or lower maxclients",
        weight=2,
        status=Status.WARN,
        lasting=True,
    ),
    Rule(
        "client that does not read its answers",
        says=r"output buffer limits|reached max query buffer length",
        cause="a client takes its answers slower than they come (a subscriber, a replica, or one huge "
        "command), and is cut off",
        remedy="client-output-buffer-limit for its kind, smaller commands; mend the slow subscriber",
        weight=3,
        status=Status.WARN,
        lasting=True,
    ),
    Rule(
        "command on a key of another kind",
        says=r"WRONGTYPE Operation|NOSCRIPT No matching script|ERR unknown command|NOREPLICAS Not enough",
        cause="the client asks what this server or key cannot do: another kind of value, a command of another "
        "version, a script that is gone, or replicas that are missing",
        remedy="correct the client (EVAL again after NOSCRIPT; the key's kind by TYPE); min-replicas-to-write 0 for "
        "one server",
        weight=3,
        status=Status.WARN,
        lasting=True,
    ),
    Rule(
        "memory that it cannot get",
        says=r"Out Of Memory allocating \d+ bytes|Can't allocate memory.*redis",
        cause="redis was refused memory: the container's limit is reached, as maxmemory is not set or over "
        "it",
        remedy="maxmemory of at most three quarters of {section}.memory, or raise that",
        weight=3,
    ),
)


@check(
    "redis.setup",
    "Redis takes its modules, keys and rules",
    needs=TOLD,
    wants=EVIDENCE,
    suites={Suite.DIAGNOSE},
)
def redis_setup(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Say which file or rule of the configuration keeps Redis from starting: modules, TLS, ACL, the cluster's file.

    `Configuring TLS failed` and `server aborting` only end it: the line before names file and reason.
    """
    return read(RULES, plan, seen)
