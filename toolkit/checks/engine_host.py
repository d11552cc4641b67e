"""Do engine and machine go together?"""

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
        "client older than the engine",
        says=r"client version (?P<has>[\d.]+) is too old\. Minimum supported API version is "
        r"(?P<least>[\d.]+)|client version (?P<new>[\d.]+) is too new"
        r"|client (?:is newer than server|and server don't have same version) \(client(?: API version)?: ?"
        r"(?P<newer>[\d.]+)"
        r"|Maximum supported API version is|API version (?P<no>[\d.]+) is not supported",
        cause="a tool speaks an API ({has}{new}{newer}{no}) that this engine no longer or not yet has (from 29 on "
        "at least {least})",
        remedy="update that tool (proxies and updaters carry a client of their own); as a stopgap lower "
        "min-api-version in /etc/docker/daemon.json, or set DOCKER_API_VERSION for it",
        weight=3,
        lasting=True,
        rejects=("the containers: they are healthy, it is the tool that cannot ask for them",),
    ),
    Rule(
        "limit that the machine refuses",
        says=r"error setting rlimit type (?P<type>\d+)|cpus? .*Range of CPUs is from"
        r"|[Rr]ange of CPUs is from|[Mm]inimum memory limit allowed|requested CPUs are not available"
        r"|Minimum memory(?:swap| reservation)|swap limit capabilities|CPU CFS scheduler",
        cause="a limit of the profile is more than engine or machine allow",
        remedy="lower it in {section}: `toolkit preflight` tries each",
        weight=3,
    ),
    Rule(
        "control groups of the host",
        says=r"cgroup(?:s|v2)?.*(?:no such file|not mounted|mountpoint does not exist|not supported"
        r"|permission denied)|failed to (?:create|write).*cgroup|unable to apply cgroup configuration"
        r"|Devices cgroup isn't mounted|/sys/fs/cgroup\S*:? .{0,30}(?:not permitted|denied)",
        cause="engine and control groups of the host do not go together (cgroup v2 with an old engine, or "
        "an unfinished start)",
        remedy="restart the engine; update docker and runc where the host has cgroup v2",
        weight=3,
    ),
    Rule(
        "control groups that the runtime cannot use",
        says=r"cgroup (?:config|configuration)|mountpoint for cgroup not found|devices cgroup doesn't match"
        r"|mount cgroup|\"cgroup\" to rootfs|cgroup subsystem devices not found|devices\.allow"
        r"|cgroup2?: unknown option|cgroup-parent for systemd",
        cause="engine, runtime and the control groups of the host do not go together: an engine inside of "
        "another container, groups that are not mounted, or a runtime too old for cgroup v2",
        remedy="update docker, runc and nvidia-container-toolkit; mount control groups (on hosts without "
        "systemd cgroupfs-mount), restart the engine",
        weight=3,
    ),
    Rule(
        "engine inside of a container",
        says=r"unable to apply caps|apply caps: operation not permitted|Operation not permitted.*(?:unshare"
        r"|clone|sethostname)|failed to (?:unshare|mount) .*operation not permitted",
        cause="the engine may not give these capabilities: it runs inside of a container (LXC) itself, or "
        "rootless",
        remedy="allow nesting there (LXC: nesting=1,keyctl=1), or take the capabilities out of the service",
        weight=3,
    ),
    Rule(
        "kernel modules that are not loaded",
        says=r"can't initialize iptables table|Failed to initialize nft"
        r"|failed to add the host .* pair interfaces|operation not supported.*(?:veth|bridge|sandbox)"
        r"|could not find bridge|failed to create (?:the )?(?:bridge|veth)|modprobe: FATAL(?!.*nvidia)"
        r"|Table does not exist \(do you need to insmod",
        cause="the kernel has no modules for bridges or iptables: it was updated, and the host not "
        "restarted, or they are missing there",
        remedy="restart the host; install the modules package of its kernel",
        weight=3,
    ),
    Rule(
        "engine that does not run",
        says=r"Cannot connect to the Docker daemon|Is the docker daemon running"
        r"|docker_engine: The system cannot find the file|dial unix \S*docker\.sock: connect: (?:connection "
        r"refused|no such file)"
        r"|failed to start daemon|unable to configure the Docker daemon with file"
        r"|failed to load listeners|error initializing (?:graphdriver|network controller)",
        cause="the engine does not run, or does not start (a mistake in /etc/docker/daemon.json is the "
        "commonest)",
        remedy="`systemctl status docker` and `journalctl -u docker` say why; `dockerd --validate` reads "
        "daemon.json",
        weight=3,
    ),
    Rule(
        "file system of the engine",
        says=r"failed to mount overlay|overlay(?:fs|2)?:? .*(?:not supported|invalid argument|d_type"
        r"|too many levels)|without d_type support|max depth exceeded",
        cause="the engine's storage does not go with its disk (xfs without ftype, NFS, overlay on overlay)",
        remedy="put /var/lib/docker on ext4 or xfs with ftype=1",
        weight=3,
    ),
)


@check(
    "engine.host",
    "Engine, runtime and machine go together",
    needs=TOLD,
    wants=EVIDENCE,
    suites={Suite.DIAGNOSE},
)
def engine_host(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Say what the engine lacks of its machine: control groups, kernel modules, a file system, limits it can give.

    It may be down, or inside of a container itself; and a tool may speak to it in a version that it does not know.
    """
    return read(RULES, plan, seen)
