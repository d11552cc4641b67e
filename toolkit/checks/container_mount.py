"""Do the mounts fit?"""

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
        "directory over a file",
        says=r"Are you trying to mount a directory onto a file|not a directory.*(?:mount|rootfs)|(?:mount"
        r"|rootfs).*not a directory|Is a directory\b.*(?:conf|cfg|yml|yaml|\.cnf|\.sql|\.ini)|(?:conf"
        r"|cfg|yml|yaml)\S*:? [Ii]s a directory|read \S+: is a directory",
        cause="a directory is mounted where a file belongs, or the other way round: a source that was "
        "missing was made as an empty directory",
        remedy="remove that empty directory on the host, put the file there, and start again; mount with "
        "create_host_path: false",
        weight=3,
    ),
    Rule(
        "source of a mount is missing",
        says=r"bind source path does not exist: ?(?P<path>\S+)|invalid mount config for type \"bind\""
        r"|mounting .*no such file|mount through procfd: no such file|failed to mount local volume.*no such "
        r"file"
        r"|env file (?P<env>\S+) not found",
        cause="what shall be mounted is not there: {path}{env}",
        remedy="`toolkit render` writes what belongs to the project; a path of your own has to exist before",
        weight=3,
    ),
    Rule(
        "stale network share",
        says=r"[Ss]tale (?:NFS )?file handle|Transport endpoint is not connected|mount\.nfs"
        r"|nfs: server \S+ not responding",
        cause="the network file system under the mount is gone or was mounted anew",
        remedy="mount it again on the host, then recreate the container",
        weight=3,
        lasting=True,
    ),
    Rule(
        "host directory kept for SELinux",
        says=r"avc: +denied|SELinux is preventing",
        cause="SELinux keeps the container from the mounted directory",
        remedy="label it: `chcon -Rt container_file_t PATH`, or :z on the mount",
        weight=3,
    ),
    Rule(
        "share behind a volume",
        says=r"failed to mount local volume: mount (?P<what>\S*?:\S*?):\S+?(?:,[^:]*(?:: addr=\S+)?)?: "
        r"(?P<why>[A-Za-z][\w ]+)|mount\.(?:nfs|cifs)\S*: (?P<text>.*\S)",
        cause="the share or directory behind the volume cannot be mounted: {what} {why}{text} (its export does not "
        "allow this host, the path is not there, or the server does not answer)",
        remedy="try the same mount on the host; correct driver_opts (device, o=addr=…), then remove the volume by "
        "name: its options are kept from when it was made",
        weight=4,
        rejects=("the owner of the directory: it was not mounted at all",),
    ),
    Rule(
        "read-only file system",
        says=r"[Rr]ead-only file system(?!\?)",
        cause="what is written to is mounted read-only: the container's root by design, a mount by its `ro`, or a "
        "disk that the kernel made read-only after an error",
        remedy="give the service a volume or tmpfs for that path; if it is a disk of the host, `dmesg` "
        "tells of I/O errors: check it",
        weight=1,
        services=r"^(?!elasticsearch)",
    ),
    Rule(
        "path that the engine cannot share",
        says=r"error while creating mount source path|Mounts denied|is not shared from the host"
        r"|not known to Docker|failed to mount local volume: .*(?:no such device|invalid argument)",
        cause="the engine cannot make or see the path on its host: it is not shared with it (Docker "
        "Desktop, snap), or lies on a read-only part",
        remedy="mount a path that the engine sees, or a named volume",
        weight=3,
    ),
    Rule(
        "configuration file that is not there",
        says=r"(?:[Cc]ould not|[Cc]an't|[Cc]annot) open (?:the )?(?:configuration|config) ?file"
        r"|cannot open the file '\S+\.cfg'|open\(\) \"/etc/nginx/\S+\" failed \(2"
        r"|[Cc]ould not access the server configuration file|open /etc/\S+\.ya?ml: no such file"
        r"|config file .*(?:not found|does not exist)",
        cause="the configuration file is not where the server looks: its mount is missing or ends elsewhere",
        remedy="`toolkit render` and `toolkit up` mount it; compare path and `command` of an override",
        weight=3,
    ),
)


@check(
    "container.mount",
    "What is mounted is there, and of the right kind",
    needs=TOLD,
    wants=EVIDENCE,
    suites={Suite.DIAGNOSE},
)
def container_mount(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Say what does not fit about a mount.

    A missing source becomes an empty directory, which then stands where a file belongs: `not a directory`, `is a
    directory`. Remove it, put the file there. Certain from the text.
    """
    return read(RULES, plan, seen)
