"""Can the container's command run?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Suite, check
from toolkit.diagnosis import EVIDENCE, TOLD, Hit, Rule, Scene, Signal, read, speaks_for
from toolkit.diagnosis.lines import Source
from toolkit.findings import Finding

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot


def _in_health(hit: Hit, scene: Scene) -> Iterator[Signal]:
    del scene
    if hit.line.source is Source.HEALTH:
        yield speaks_for("it is the health check that prints it", 2)
    elif hit.words.get("program") or hit.words.get("shell"):
        yield speaks_for("programs of that name are what health checks call", 1)


RULES = (
    Rule(
        "file that may not be run",
        says=r"exec user process caused:? \"?permission denied|^exec /\S+: permission denied"
        r"|\[FATAL tini \(\d+\)\] exec (?P<path>\S+) failed: Permission denied",
        cause="the file {path} that the container starts with may not be executed: it lacks the mode x (a file "
        "mounted from Windows or from a checkout), or its mount is noexec",
        remedy="`chmod +x` the file on the host or in the image, or start it by its interpreter (`sh FILE`)",
        weight=4,
        rejects=("the owner of a data directory: nothing was written yet",),
    ),
    Rule(
        "program that has to be the first process",
        says=r"s6-overlay-suexec: fatal: can only run as pid 1",
        cause="the image's own init has to be process 1, and another one is: `init: true`, or `pid: host`",
        remedy="take `init` and `pid` out of that service",
        weight=4,
    ),
    Rule(
        "script of another shell",
        says=r"\bs?h: (?:\d+: |line \d+: )?(?:[Ss]yntax error|\[\[: not found|source: not found)"
        r"|Syntax error: (?:\"\(\"|redirection) unexpected",
        cause="a script written for bash is run by sh (dash or ash)",
        remedy="`#!/bin/bash` as its first line and bash in the image, or write it for sh",
        weight=3,
    ),
    Rule(
        "other processor architecture",
        says=r"exec format error|cannot execute binary file|image's platform \(\S+\) does not match",
        cause="the image is built for another processor architecture (or its script lacks the line `#!`)",
        remedy="take an image for this machine's architecture: `docker image inspect` names the image's "
        "(Architecture)",
        weight=3,
    ),
    Rule(
        "script with Windows line ends",
        says=r"\\r: (?:not found|command not found|No such file)|bad interpreter|env: '?(?:bash|sh"
        r"|python\d?)(?:\\r|\$'\\r')|/bin/\w*sh\^M|\$'\\r'",
        cause="a script has Windows line ends, so that its interpreter is looked for by a name that ends "
        "in a carriage return",
        remedy="`sed -i 's/\\r$//'` on the script (and `* text eol=lf` in .gitattributes)",
        weight=3,
    ),
    Rule(
        "health check without its program",
        says=r"exec: \"(?P<program>curl|wget|nc|pg_isready|mysqladmin|redis-cli)\": executable file not found"
        r"|(?:/bin/sh|sh|bash): (?:\d+: |line \d+: )?(?P<shell>curl|wget|nc|mysqladmin"
        r"|pg_isready): (?:command )?not found|OCI runtime exec failed"
        r"|(?<!\": )executable file not found"
        r"|exec: \"(?!docker-credential)[^\"]+\": executable file not found",
        cause="the health check calls a program ({program}{shell}) that the image does not have (any more): the "
        "service may be well, and counts as unhealthy (MariaDB 11 dropped the mysql* names: mariadb-admin or "
        "healthcheck.sh)",
        remedy="use a program that the image has in health_command of {section} (python, wget, the server's "
        "own client); restarts by autoheal come from it",
        weight=1,
        facts=_in_health,
        lasting=True,
        rejects=("the application crashes: its log is clean, whoever restarts it acts on the health check",),
    ),
    Rule(
        "program not in the image",
        says=r"exec: \"(?P<program>(?!docker-credential|nvidia-c)[^\"]+)\".*(?:no such file or directory"
        r"|executable "
        r"file not found)"
        r"|(?<!\": )executable file not found in \$?PATH|unable to start container process: "
        r"exec.*no such file",
        cause="the program {program} is not in the image: the command belongs to another image or version",
        remedy="check image and tag, and an `entrypoint` or `command` of an override",
        weight=2,
    ),
    Rule(
        "file that may not be executed",
        says=r"exec: \"(?P<program>[^\"]+)\".*permission denied|/docker-entrypoint\S*: [Pp]ermission denied",
        cause="the file {program} may not be executed",
        remedy="`chmod +x` it where it is mounted or built from; a mount with noexec does the same",
        weight=3,
    ),
    Rule(
        "kernel or seccomp too old for the image",
        says=r"Operation not permitted.*(?:clone3|pthread|getcwd)|(?:pthread_create|[Tt]hread).*(?:EPERM"
        r"|Operation not permitted)|Background Jobs.*Operation not permitted|seccomp.{0,80}(?:error|fail"
        r"|errno)|(?:error|fail).{0,40}seccomp"
        r"|(?:/bin/sh|mkdir|apt\S*): Operation not permitted",
        cause="the image's C library makes system calls that the engine's seccomp filter refuses: engine, runc or "
        "libseccomp of the host are older than the image",
        remedy="update docker, runc and libseccomp2 on the host; security_opt seccomp=unconfined shows whether it "
        "is that, or an image of an older base",
        weight=3,
        rejects=("the owner of files: it is a call of the system that is refused",),
    ),
    Rule(
        "processor older than the image",
        says=r"Fatal glibc error: CPU does not support (?P<level>[\w-]+)|CPU does not support x86-64-v\d",
        cause="the image is built for processors of the level {level}, which this one (or the virtual "
        "machine's) is not",
        remedy="take an image of an older base, or pass the host's processor type on to the virtual machine "
        "(cpu: host)",
        weight=4,
    ),
    Rule(
        "pids used up",
        says=r"fork: (?:retry: )?Resource temporarily unavailable|cgroup: fork rejected by pids controller"
        r"|Can't (?:initialize Background Jobs(?!.*Operation not permitted)|create thread)|could not fork"
        r"|[Cc]annot (?:fork|create (?:a "
        r")?thread)"
        r"|pthread_create\(?\)? ?failed.*(?:\(11|Resource temporarily)|fork\(\) failed \(11"
        r"|libgomp: Thread creation failed|OpenBLAS blas_thread_init: pthread_create failed"
        r"|(?:pthread_create|[Tt]hread).{0,60}Resource temporarily unavailable|can't start new thread"
        r"|unable to (?:create|start) (?:native )?thread|errno[ =:]*11\b.*(?:fork|thread)",
        cause="the container (or its user on this host) has as many processes and threads as its limit "
        "allows",
        remedy="raise {section}.pids, and ulimits nproc; TasksMax of the engine's unit where that is the "
        "limit; find who forks without end (a health check that hangs leaves its children)",
        rejects=("memory: a fork that is refused for memory says `Cannot allocate memory`",),
        weight=3,
        lasting=True,
    ),
    Rule(
        "interpreter of a script is missing",
        says=r"exec (?:user process caused|/\S+): (?:\")?no such file or directory|not found: \S*entrypoint"
        # The shell's own words for it: a file that is there, and whose interpreter is not.
        r"|(?:sh|bash): (?:\d+: |line \d+: )?(?:exec: )?/\S+: (?:not found|No such file or directory"
        r"|cannot execute: required file not found)",
        cause="the script's interpreter or the program's loader is not in the image: Windows line ends, "
        "bash in an image without it, or a program for glibc in one with musl",
        remedy="`head -1` of the script names it: `sed -i 's/\\r$//'` for line ends; else take an image "
        "that has the interpreter",
        weight=2,
    ),
    Rule(
        "crash of the program",
        says=r"exit(?:ed|s)?(?: with)? code 139|Segmentation fault \(core dumped\)|signal SIGSEGV"
        r"|double free or corruption|malloc\(\): |free\(\): invalid|corrupted (?:size vs|double-linked)"
        r"|munmap_chunk\(\)|stack smashing detected",
        cause="the program crashed in native code (a bug, an image for another processor or page size, or "
        "bad memory)",
        remedy="take another version of the image; on ARM look at the page size (`getconf PAGESIZE`)",
        weight=1,
    ),
)


@check(
    "container.command",
    "What the container shall run can run",
    needs=TOLD,
    wants=EVIDENCE,
    suites={Suite.DIAGNOSE},
)
def container_command(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Say why a container's command, or that of its health check, cannot run.

    `exec format error`: an image for another architecture. `executable file not found`: a command of another
    image; in a health check it makes a service unhealthy for ever that works well, and autoheal then restarts it
    in a loop. Certain from the text.
    """
    return read(RULES, plan, seen)
