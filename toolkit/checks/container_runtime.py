"""Do engine and runtime themselves work?"""

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
        "rest of the container's last run",
        says=r"container with (?:given )?id (?:already )?exists|mkdir /run/(?:containerd|docker)/\S*: file "
        r"exists"
        r"|running exec setns process for init caused|task \w+ already exists",
        cause="the engine or containerd still keeps something of the container's last run, after a crash or a "
        "restart of the engine (or the kernel refused the new one for want of memory)",
        remedy="remove the container and make it anew (`toolkit up`); where that fails restart containerd and the "
        "engine; look at free memory",
        weight=3,
    ),
    Rule(
        "module of the kernel that bridges need",
        says=r"br_netfilter kernel module is loaded|cannot restrict inter-container communication",
        cause="the kernel's module br_netfilter is not loaded, which the engine needs for networks without traffic "
        "between containers",
        remedy="`modprobe br_netfilter` and a line in /etc/modules-load.d/; where the kernel was updated, "
        "restart the host",
        weight=4,
    ),
    Rule(
        "engine older than Compose",
        says=r"Container cannot be connected to network endpoints",
        cause="the engine is too old for this Compose: it makes a container with one network only (before "
        "API 1.44)",
        remedy="update the engine (25 or newer)",
        weight=4,
    ),
    Rule(
        "store of layers damaged",
        says=r"creating overlay mount to .*(?:no such file|device or resource busy|invalid argument)"
        r"|overlay2/(?:l/)?\S+: (?:no such file|input/output error)|failed to get (?:layer|rw ?layer)|stat "
        r"/var/lib/docker"
        r"/overlay2\S*: no such file|RWLayer .*is unexpectedly nil|rw layer snapshot not found",
        cause="the engine's store of layers (overlay2) is damaged or was mounted anew: after a hard stop, a move of "
        "/var/lib/docker, or files that somebody removed there",
        remedy="restart the engine; then remove the container and the image and pull it again (`docker image rm`); "
        "where all are hit, an empty /var/lib/docker/overlay2 with the engine stopped (volumes are elsewhere, keep "
        "them)",
        weight=4,
        rejects=("the image: the same one starts on another host",),
    ),
    Rule(
        "kernel refuses new containers",
        says=r"getting the final child's pid from pipe|can't get final child's PID from pipe|waiting for "
        r"init preliminary"
        r" setup|error jailing process inside rootfs|pivot_root|failed to setup loopback|unshare: ",
        cause="runc's first process is refused by the kernel: user namespaces are off (user.max_user_namespaces), "
        "memory or pids of the host are used up, or kernel and runc do not go together",
        remedy="look at free memory and `dmesg`; `sysctl user.max_user_namespaces` (over 0); update docker, runc "
        "and kernel, then restart the host",
        weight=3,
    ),
    Rule(
        "runtime that does not run",
        says=r"unable to retrieve OCI runtime error(?!.*nvidia).*(?P<why>exit status \d+|fork/exec \S+|executable file "
        r"not found)"
        r"|runc did not terminate success?fully|fork/exec \S*(?:runc|crun|runtime)\S*: (?P<w2>.*)",
        cause="the runtime program itself fails ({why}{w2}): it is missing, a library of it is, or it is of another "
        "version than the engine",
        remedy="run `runc --version` (or the runtime of daemon.json) by hand: its error is the cause (exit 127: a "
        "library such as libseccomp is missing); reinstall containerd.io and docker-ce of one release",
        weight=2,
        rejects=("the log.json that is not there: it is written only by a runtime that ran",),
    ),
    Rule(
        "containerd that does not answer",
        says=r"failed to start shim|ttrpc: closed|shim.{0,40}(?:deadline exceeded|disconnected|not found)"
        r"|containerd\.sock: connect|cannot start a stopped process|transport: [Ee]rror while "
        r"dialing.*containerd"
        r"|unknown service containerd",
        cause="containerd or the container's shim does not answer: it hangs, was killed, or was updated "
        "under the engine",
        remedy="`systemctl restart containerd docker`; look at the host's memory and disk (`journalctl -u "
        "containerd`)",
        weight=3,
    ),
    Rule(
        "container that cannot be killed",
        says=r"tried to kill container, but did not receive an exit|unlinkat .*device or resource busy"
        r"|unable to remove filesystem|could not kill container|PID \d+ is zombie",
        cause="a process of the container hangs in the kernel (a card, a network share) or another one still "
        "has its files",
        remedy="look for processes in state D (`ps axo pid,stat,wchan,cmd`): a hanging card or share is the cause; "
        "restart the engine, else the host",
        weight=3,
    ),
    Rule(
        "time that a health check takes",
        says=r"Health check exceeded timeout \((?P<limit>[\w.]+)\)",
        cause="the health check takes longer than it may ({limit}): the service is overloaded, or the check "
        "is too heavy",
        remedy="raise {section}.health.timeout, or make the check lighter; then look at processor and memory "
        "of the service",
        weight=3,
        status=Status.WARN,
        lasting=True,
    ),
    Rule(
        "process of another name space",
        says=r"error executing setns process|exec failed.*(?:setns|procfs|container_linux)|cannot exec in a "
        r"(?:stopped|paused)",
        cause="nothing can be run inside of the container: its first process is ending, it is out of pids or "
        "memory, or the engine was updated under it",
        remedy="recreate the container (`toolkit restart`); raise pids or memory of {section} where "
        "these are used up",
        weight=3,
        lasting=True,
    ),
)


@check(
    "container.runtime",
    "Engine and runtime start what is created",
    needs=TOLD,
    wants=EVIDENCE,
    suites={Suite.DIAGNOSE},
)
def container_runtime(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Say what fails in engine, containerd or runc when it is neither the image nor the definition.

    `getting the final child's pid from pipe`, a shim that times out, layers of the engine's store that are gone: the
    same container starts after the host is mended. Restart the engine first, then look at memory, versions and disk.
    """
    return read(RULES, plan, seen)
