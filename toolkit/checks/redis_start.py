"""Can Redis start?"""

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
        "wrong line in its configuration",
        says=r"FATAL CONFIG FILE ERROR|Unresolved Configuration\(s\) Detected|Module Configuration detected"
        r"|Bad directive or wrong number of arguments|Unrecognized (?:option"
        r"|parameter)|argument (?:must be|couldn't be parsed)|Module .* failed to load"
        r"|can't open config file",
        cause="redis refuses its configuration: a directive that this version does not know, or a wrong "
        "value; the line after `>>>` is the one",
        remedy="correct or take out that line (an override of templates/redis): directives go with the "
        "versions",
        weight=3,
    ),
    Rule(
        "append-only file damaged",
        says=r"Bad file format reading the append only file"
        r"|Unexpected end of file reading the append only file|AOF (?:format|is truncated)"
        r"|The AOF .* truncated|Unknown.*append only file",
        cause="the append-only file is cut short or damaged: by a lost power supply, a full disk or a kill",
        remedy="copy it, then `redis-check-aof --fix` on its manifest; of a cache without persistence "
        "remove the volume by name",
        weight=3,
    ),
    Rule(
        "dump of a newer version",
        says=r"Can't handle RDB format version (?P<version>\d+)|Can't load DB.*RDB|can't handle AOF format"
        r"|RDB preamble.*fail|Unknown RDB encoding type|Unsupported RDB",
        cause="the dump (format {version}) was written by a newer version, or by a fork of Redis, than the "
        "one that starts now",
        remedy="pin the image to the version that wrote it; of a cache remove the volume by name",
        weight=3,
    ),
    Rule(
        "dump damaged",
        says=r"Short read or OOM loading DB|Wrong signature trying to load DB|RDB CRC error"
        r"|Internal error in RDB|Fatal error loading the DB|Bad file format reading the (?:RDB|dump)",
        cause="the dump (dump.rdb) is damaged, or the container's memory does not hold it",
        remedy="copy it, `redis-check-rdb` tells; where it is whole raise {section}.memory, of a "
        "cache remove the volume by name",
        weight=2,
    ),
    Rule(
        "data directory that it may not use",
        says=r"Can't (?:open|create).*(?:append[- ]?only|append-only dir|dump|rdb).*Permission denied"
        r"|Can't open or create append-only dir.*|Can't chdir to"
        r"|Fatal error: can't open the append log file"
        r"|Failed opening the (?:temp )?RDB file.*(?:Permission denied|Read-only)"
        r"|Can't open the append-only file",
        cause="redis may not write to its data directory: it belongs to another user, or is mounted read-only",
        remedy="chown -R 999:999 the directory (the uid of the image), or take a named volume; a cache "
        "needs no directory: persistence off",
        weight=3,
    ),
    Rule(
        "address or port",
        says=r"Could not create server TCP listening socket (?P<where>\S+)"
        r"|Failed listening on port (?P<port>\d+)|Warning: Could not create server TCP",
        cause="redis cannot listen on {where}{port}: the port is taken, or the address in `bind` is not "
        "the container's",
        remedy="`bind 0.0.0.0 -::*` inside of a container; free the port where it is taken",
        weight=2,
    ),
    Rule(
        "image for another processor",
        says=r"jemalloc.*[Uu]nsupported system page size"
        r"|WARNING Your system is configured to use the 'xen' clocksource|ARM64-COW-BUG"
        r"|Your kernel has a bug that could lead to data corruption",
        cause="this build of redis does not go with kernel or page size of the machine",
        remedy="take an image for it, or `ignore-warnings ARM64-COW-BUG` where the kernel is known to be "
        "mended",
        weight=2,
    ),
    Rule(
        "crash of the server",
        says=r"REDIS BUG REPORT START|crashed by signal|Guru Meditation|ASSERTION FAILED",
        cause="redis crashed: a bug, a module, or memory of the machine",
        remedy="`redis-server --test-memory` tests the memory; take a newer version of the image",
        weight=3,
    ),
)


@check(
    "redis.start",
    "Redis starts from its configuration and files",
    needs=TOLD,
    wants=EVIDENCE,
    suites={Suite.DIAGNOSE},
)
def redis_start(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Say why Redis does not start.

    `FATAL CONFIG FILE ERROR` is followed by the line that it does not take. A damaged append-only file, a dump of
    a newer version, a directory of another owner: each has its own words. Of a cache the volume may go, by name,
    and by nobody's habit but the operator's.
    """
    return read(RULES, plan, seen)
