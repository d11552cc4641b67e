"""Has somebody from outside got at Redis?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Suite, check
from toolkit.diagnosis import EVIDENCE, TOLD, Rule, read
from toolkit.findings import Finding

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot

_OWN = r"redis|valkey"
RULES = (
    Rule(
        "snapshot that somebody aimed elsewhere",
        says=r"RDB file (?P<file>\S+) \(in server root dir (?P<dir>/(?:etc|var/spool|root|home|tmp|usr"
        r"|var/www|proc)\S*)\)|"
        r"DB saved on disk.*crontab|(?:crontab|authorized_keys|/var/spool/cron|backup\d?\.sh)",
        cause="somebody from outside changed where snapshots go ({dir}, {file}): the port is open to the network "
        "without a password, and this is a known attack",
        remedy="close the port (publish it on 127.0.0.1 at most), set a password, recreate the container, and look "
        "for what was left behind on the host; do not change rights for it",
        weight=5,
        services=_OWN,
        lasting=True,
        rejects=("the owner of /data: redis would not write to such a path by itself",),
    ),
    Rule(
        "commands that strangers send",
        says=r"SLAVEOF|REPLICAOF .*(?:request from|enabled)|MODULE LOAD|system\.exec|Module .{0,30}(?:exp"
        r"|system)\S*\.so",
        cause="somebody made this server a replica or loaded a module into it: where nobody of yours did, its port "
        "is open to the network",
        remedy="`redis-cli REPLICAOF NO ONE`, close the port, set a password, recreate the container",
        weight=2,
        services=_OWN,
        lasting=True,
    ),
)


@check(
    "redis.exposed",
    "Nobody from outside uses Redis",
    needs=TOLD,
    wants=EVIDENCE,
    suites={Suite.DIAGNOSE},
)
def redis_exposed(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Warn of the traces that strangers leave in a Redis that is open to the network.

    Whoever reaches the port without a password can set `dir` and `dbfilename`: snapshots then go to /etc or cron, and
    fail for want of rights, which reads as a problem of permissions. Close the port, then recreate the container.
    """
    return read(RULES, plan, seen)
