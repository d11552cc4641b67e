"""Does Redis take what it is given?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Suite, check
from toolkit.diagnosis import EVIDENCE, TOLD, Hit, Rule, Scene, Signal, against, read, speaks_for
from toolkit.findings import Finding, Status
from toolkit.planning.sysctls import OVERCOMMIT
from toolkit.snapshot import Need

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot


def _overcommit(hit: Hit, scene: Scene) -> Iterator[Signal]:
    del hit
    value = scene.sysctl("vm.overcommit_memory")
    if value is not None and value != "1":
        yield speaks_for(f"vm.overcommit_memory is {value}", 1)
    elif value == "1":
        yield against("vm.overcommit_memory is 1 by now", 1)


def _warned(hit: Hit, scene: Scene) -> Iterator[Signal]:
    service, container = scene.service(hit.subject), scene.container(hit.subject)
    runs = container is not None and container.state in {"running", "paused"}
    if runs and service is not None and OVERCOMMIT not in service.sysctls:
        yield against("it is a cache that saves nothing, and need not fork", 4)
    yield from _overcommit(hit, scene)


def _no_fork(hit: Hit, scene: Scene) -> Iterator[Signal]:
    if scene.told(hit.subject, r"(?:Can't save in background: fork|fork).*Cannot allocate memory"):
        yield speaks_for("the fork for the snapshot was refused: Cannot allocate memory", 3)
        yield from _overcommit(hit, scene)


def _no_room(hit: Hit, scene: Scene) -> Iterator[Signal]:
    if scene.told(hit.subject, r"No space left on device"):
        yield speaks_for("writing the snapshot failed: No space left on device", 3)
    for one in scene.full_disks:
        yield speaks_for(f"{one.path} has {one.free_mib} MiB left", 1)


def _no_right(hit: Hit, scene: Scene) -> Iterator[Signal]:
    if scene.told(
        hit.subject,
        r"(?:RDB|rdb|dump|temp).*(?:Permission denied|Read-only file system)|Permission denied|Read-only "
        r"file",
    ):
        yield speaks_for("writing the snapshot failed for its owner or mode", 3)


def _peaks(hit: Hit, scene: Scene) -> Iterator[Signal]:
    del hit
    peak, most = scene.figure(Need.REDIS, "used_memory_peak"), scene.figure(Need.REDIS, "maxmemory")
    if peak and most and peak > most:
        yield speaks_for(f"used_memory_peak {peak:.0f} is more than maxmemory {most:.0f}")


def _ended_loading(hit: Hit, scene: Scene) -> Iterator[Signal]:
    container = scene.container(hit.subject)
    if container is not None and container.exit_code == 137 and not scene.killed_for_memory(hit.subject):
        yield speaks_for("it was ended by SIGKILL, and not for memory", 1)
    if scene.told(hit.subject, r"Ready to accept connections|DB loaded from"):
        yield against("it finished loading")


_MISCONF = (
    r"MISCONF(?! Errors? writing to the AOF)|Background saving error|Failed opening the (?:temp )?RDB file"
)
_NEVER = ("stop-writes-on-bgsave-error: no, as is often advised: it hides that nothing is saved",)

RULES = (
    Rule(
        "append-only file that cannot be written",
        says=r"MISCONF Errors? writing to the AOF file(?:: (?P<why>[^\n\r']*[^\s.']))?"
        r"|Error writing to the AOF file: (?P<told>.*\S)|(?P<short>Short write) while writing to the AOF"
        r"|Can't open the append-only file(?:.*: (?P<open>.*\S))?",
        cause="writes are refused, as the append-only file could not be written: {why}{told}{short}{open} (no room "
        "on the disk, no memory for the kernel's page cache in the container's limit, or owner of /data)",
        remedy="`df -h` and the owner (999) of /data; with `Cannot allocate memory` raise {section}.memory "
        "above maxmemory; of a cache appendonly no",
        weight=3,
        lasting=True,
        rejects=_NEVER,
    ),
    Rule(
        "rewrite of the append-only file that fails",
        says=r"Can't rewrite append only file in background: fork: (?P<why>.*\S)"
        r"|Background AOF rewrite (?:terminated by signal|failed)|Error (?:moving|opening).*AOF",
        cause="the append-only file cannot be rewritten and grows: {why} (vm.overcommit_memory 0, a limit without "
        "room for a fork, or a full disk)",
        remedy="`sysctl -w vm.overcommit_memory=1` on the host, maxmemory of at most half the limit, room on the "
        "disk; then `redis-cli BGREWRITEAOF`",
        weight=3,
        lasting=True,
    ),
    Rule(
        "snapshot fails: no room",
        says=_MISCONF,
        cause="writes are refused, as the last snapshot (BGSAVE) failed: the disk under /data is full",
        remedy="make room on that disk, then `redis-cli BGSAVE`; of a cache switch persistence off",
        weight=1,
        facts=_no_room,
        lasting=True,
        rejects=_NEVER,
    ),
    Rule(
        "snapshot fails: owner of the directory",
        says=_MISCONF,
        cause="writes are refused, as the last snapshot (BGSAVE) failed: /data is not writable for redis' "
        "user",
        remedy="chown -R 999:999 the directory, then `redis-cli BGSAVE`; of a cache switch persistence off",
        weight=1,
        facts=_no_right,
        lasting=True,
        rejects=_NEVER,
    ),
    Rule(
        "snapshot fails: no memory for the fork",
        says=_MISCONF + r"|Can't save in background: fork",
        cause="writes are refused, as the kernel refused the fork for the snapshot (BGSAVE): "
        "vm.overcommit_memory is 0, or the container's limit leaves no room for it",
        remedy="`sysctl -w vm.overcommit_memory=1` on the host, and maxmemory of at most half the limit "
        "where it saves",
        weight=1,
        facts=_no_fork,
        lasting=True,
        rejects=_NEVER,
    ),
    Rule(
        "snapshot fails",
        says=_MISCONF,
        cause="writes are refused, as the last snapshot (BGSAVE) failed: the line before says whether "
        "owner of /data, a full disk or a refused fork (overcommit) is why",
        remedy="read the line before; mend the owner, make space, or set vm.overcommit_memory=1 on the "
        "host; of a cache switch persistence off",
        weight=2,
        lasting=True,
        rejects=_NEVER,
    ),
    Rule(
        "peaks over maxmemory",
        says=r"OOM command not allowed when used memory > 'maxmemory'|OOM allocation"
        r"|command not allowed when used memory",
        cause="memory goes over maxmemory in short peaks (buffers of clients and replicas, one big "
        "command), and the policy does not evict; it is freed again before anyone looks "
        "(used_memory_peak tells)",
        remedy="compare used_memory_peak of INFO memory with maxmemory, look at client buffers; raise "
        "maxmemory with {section}.memory, or set an evicting policy (allkeys-lru)",
        weight=3,
        facts=_peaks,
        lasting=True,
        rejects=(
            "it is empty when looked at: what counts is the peak",
            "fragmentation: maxmemory counts used memory, not resident",
        ),
    ),
    Rule(
        "kernel does not let it fork",
        says=r"[Mm]emory overcommit must be enabled|overcommit_memory is set to 0",
        cause="vm.overcommit_memory of the host is 0: a snapshot may fail for want of memory (of no account to a "
        "pure cache: no `save`, appendonly no)",
        remedy="`sysctl -w vm.overcommit_memory=1` on the host, and a line in /etc/sysctl.d/; in the "
        "container it cannot be set",
        weight=2,
        facts=_warned,
        status=Status.WARN,
        lasting=True,
    ),
    Rule(
        "password",
        says=r"NOAUTH|WRONGPASS|invalid username-password pair|DENIED Redis is running in protected mode"
        r"|AUTH.*(?:failed|without any password)|NOPERM|invalid password",
        cause="clients have no or another password than redis (or redis is in protected mode: no password, "
        "and asked from outside)",
        remedy="give clients the secret of redis (`uses: [redis]`), and recreate both after a change: a "
        "running one keeps the old",
        weight=3,
        lasting=True,
    ),
    Rule(
        "still loading",
        says=r"LOADING Redis is loading the dataset|Loading RDB produced by|Reading RDB base file",
        facts=_ended_loading,
        cause="redis still reads its dump: it answers when that is in memory",
        remedy="wait; raise {section}.health.start_period where it is killed meanwhile",
        weight=1,
        status=Status.WARN,
    ),
    Rule(
        "clients used up",
        says=r"max number of clients reached|Redis can't set maximum open files",
        cause="all connections are in use, or the ulimit nofile is below maxclients",
        remedy="`redis-cli CLIENT LIST` names who leaves them open; raise the ulimit nofile",
        weight=2,
        status=Status.WARN,
        lasting=True,
    ),
    Rule(
        "replica or cluster",
        says=r"READONLY You can't write against a read only replica|CLUSTERDOWN|MASTERDOWN|CROSSSLOT|MOVED "
        r"\d+",
        cause="the client writes to a replica, or speaks plainly to a cluster",
        remedy="ask the master; `redis-cli INFO replication` names it (a leftover `replicaof`, or somebody "
        "from outside who set it)",
        weight=3,
        lasting=True,
    ),
    Rule(
        "somebody speaks HTTP to redis",
        says=r"Possible SECURITY ATTACK detected",
        cause="something sends HTTP to the port of redis: it is open to the network, or a proxy or health "
        "check uses the wrong port",
        remedy="publish the port on 127.0.0.1 at most, set a password; correct the check that asks by HTTP",
        weight=3,
        lasting=True,
    ),
    Rule(
        "script or command that blocks",
        says=r"BUSY Redis is busy running a script|UNKILLABLE|slow command",
        cause="a script blocks redis: it does one thing at a time",
        remedy="`redis-cli SCRIPT KILL`, `SLOWLOG GET`; shorter scripts",
        weight=3,
        lasting=True,
    ),
    Rule(
        "replica of another server",
        says=r"Connecting to MASTER (?P<host>\S+)|MASTER <-> REPLICA sync|NOMASTERLINK"
        r"|MASTER aborted replication|Error reply to PING from master",
        cause="this server was made a replica{host}: by its configuration, or by somebody from outside, "
        "where its port is open to the network without a password (a known attack); where that is "
        "meant, master and replica differ in their password (masterauth)",
        remedy="`redis-cli REPLICAOF NO ONE` where it is not meant, publish the port on 127.0.0.1 at most, "
        "and set a password; else masterauth as the master's password",
        weight=3,
        lasting=True,
    ),
    Rule(
        "TLS and plain connections mixed up",
        says=r"Error accepting a client connection: .*(?:SSL|ssl)|wrong version number|tls.*(?:handshake"
        r"|alert)",
        cause="one side speaks TLS and the other does not, or does not trust the certificate",
        remedy="the same on both sides: rediss:// and tls-port, or neither",
        weight=3,
        status=Status.WARN,
        lasting=True,
    ),
    Rule(
        "huge pages",
        says=r"Transparent Huge Pages",
        cause="transparent huge pages of the host make redis slow while it saves",
        remedy="`echo madvise > /sys/kernel/mm/transparent_hugepage/enabled` on the host",
        weight=2,
        status=Status.WARN,
        lasting=True,
    ),
    Rule(
        "disk too slow for its log",
        says=r"Asynchronous AOF fsync is taking too long",
        cause="the disk is busy, so that writing the append-only file holds redis up",
        remedy="look at who writes to that disk; appendfsync everysec, no-appendfsync-on-rewrite yes",
        weight=2,
        status=Status.WARN,
        lasting=True,
    ),
)


@check(
    "redis.work",
    "Redis takes writes and lets its clients in",
    needs=TOLD,
    wants=EVIDENCE,
    suites={Suite.DIAGNOSE},
)
def redis_work(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Say why Redis refuses writes or clients while it runs.

    `MISCONF` is the last snapshot that failed, and the line before it says why: owner, room, or a refused fork.
    Do not switch stop-writes-on-bgsave-error off: it hides that nothing is saved. `OOM command not allowed` comes
    of short peaks, so the memory looks empty afterwards; used_memory_peak tells. That overcommit is off matters
    to nobody who does not save.
    """
    return read(RULES, plan, seen)
