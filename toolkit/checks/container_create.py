"""Does the engine take what the container shall be?"""

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
        "user that the image does not know",
        says=r"unable to find (?P<what>user|group) (?P<name>[^:\s]+): no matching entries"
        r"|(?:unable|failed) to set (?P<w2>user|group|uid|gid|groups)\b.*invalid argument",
        cause="the {what}{w2} {name} of the definition is not known in the image (or not mapped by a "
        "rootless engine)",
        remedy="give it by number (uid:gid) in {section}.run_as, or one of the image; rootless engines need "
        "enough subordinate ids (/etc/subuid)",
        weight=4,
    ),
    Rule(
        "working directory that cannot be entered",
        says=r"chdir to cwd \(\"?(?P<path>[^\")]+)\"?\).*(?P<why>permission denied|no such file|not a "
        r"directory)",
        cause="the working directory {path} cannot be entered by the container's user: {why}",
        remedy="correct working_dir or its owner and mode (o+x on each directory of the path); a mount over it "
        "hides the image's own",
        weight=4,
    ),
    Rule(
        "kernel setting that is refused",
        says=r"(?:write|open) sysctl (?:key )?(?P<key_>[\w.]+).*(?P<why>invalid argument|permission denied"
        r"|no such file"
        r"|read-only)|sysctl \"?(?P<name>[\w.]+)\"? (?:is not|not) .{0,40}(?:allowed|separate|namespace)",
        cause="the kernel setting {key_}{name} cannot be set for a container here: {why}",
        remedy="take it out of sysctls; what is not of a namespace is set on the host (`sysctl -w`); "
        "net.ipv4.ip_unprivileged_port_start: update runc (and LXC) where that is refused",
        weight=4,
    ),
    Rule(
        "mount that is not valid",
        says=r"includes invalid characters for a local volume name|invalid (?:volume|mount) (?:specification"
        r"|config|path)"
        r"|[Dd]uplicate mount point: (?P<path>\S+)",
        cause="a mount is written wrongly: a relative path is taken for a volume's name, a target stands twice "
        "{path}, or its mode is none",
        remedy="write ./path or an absolute one for a directory of the host, each target once, and ro or rw "
        "as its mode",
        weight=4,
    ),
    Rule(
        "namespace of a container that is gone",
        says=r"(?:join|share) (?:the )?(?:network|IPC|PID)? ?(?:namespace )?(?:of|with) .{0,40}(?:non running"
        r"|No such"
        r" container|container missing)|joining network namespace.*No such container"
        r"|cannot join network of a (?:non running|restarting)",
        cause="it shares the network of another container (network_mode: service or container) that does not run or "
        "was made anew since",
        remedy="start that one first, then recreate this one (`toolkit restart`); the id of the old "
        "container is kept in it",
        weight=4,
    ),
    Rule(
        "options that exclude each other",
        says=r"[Cc]onflicting options: (?P<what>.+)|cannot share the host's \w+ namespace",
        cause="two settings of the container exclude each other: {what}",
        remedy="take one of them out of the patch or override that adds it (host networking takes neither ports, "
        "links nor host names)",
        weight=4,
    ),
    Rule(
        "driver of its log",
        says=r"failed to (?:initialize|create) logging driver(?P<what>.*)|error creating logg(?:er|ing)"
        r"|unknown log opt"
        r"|logger: no log driver",
        cause="the log driver cannot start{what}: its server is not reached, or its options are wrong",
        remedy="json-file or local as the driver (`logs` of the profile), or start the server that it sends to "
        "first (fluentd-async: true)",
        weight=4,
    ),
    Rule(
        "device that the host does not have",
        says=r"adding custom device \"(?P<path>/dev/(?!nvidia)[^\"]+)\"|error gathering device information.*"
        r"\"(?P<p2>/dev/(?!nvidia)[^\"]+)\"",
        cause="the device {path}{p2} of the definition is not there on this host",
        remedy="take it out of `devices`, or load its driver (/dev/kfd and /dev/dri: those of AMD)",
        weight=4,
    ),
    Rule(
        "security profile that is not there",
        says=r"opening seccomp profile|[Dd]ecoding seccomp profile|invalid security-opt",
        cause="a security profile of the definition cannot be read or is not loaded on this host",
        remedy="correct security_opt: the path of the profile is one of the engine's host",
        weight=3,
    ),
    Rule(
        "secret or config that is not there",
        says=r"secret not found: (?P<name>\S+)|service \S+ refers to undefined (?:secret|config) "
        r"(?P<n2>[\w.-]+)"
        r"|environment variable \"(?P<var>\w+)\" required by (?:secret|config)",
        cause="the secret or config {name}{n2}{var} is not there",
        remedy="`toolkit up` makes those of the project; one of your own is named under `secrets:` with a "
        "file that exists",
        weight=4,
    ),
)


@check(
    "container.create",
    "The engine takes the definition of the container",
    needs=TOLD,
    wants=EVIDENCE,
    suites={Suite.DIAGNOSE},
)
def container_create(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Say what the engine refuses in a container's definition, before anything of it runs.

    Names, users, mounts, namespaces, limits and log drivers are checked at its creation: such a container has no log.
    What stands in the profile, a patch or an override is to be corrected; the image and the host are well.
    """
    return read(RULES, plan, seen)
