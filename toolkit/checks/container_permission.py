"""May the service use its files?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Suite, check
from toolkit.diagnosis import EVIDENCE, TOLD, Hit, Rule, Scene, Signal, read, speaks_for
from toolkit.findings import Finding

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot

_DENIED = (
    r"(?P<path>/[\w./@+-]+)['\"]?:? ?[Pp]ermission denied"
    r"|[Pp]ermission denied:? ['\"]?(?P<after>/[\w./@+-]+)|PermissionError"
    r"|AccessDeniedException: (?P<java>\S+)|EACCES"
    r"|(?:chown|chmod|changing ownership|could not change permissions).*(?:Operation not permitted"
    r"|Permission denied)|[Pp]ermission denied|Errcode: 13|(?:errno|error:?) 13\b"
)


def _remapped(hit: Hit, scene: Scene) -> Iterator[Signal]:
    refused = scene.told(hit.subject, r"[Oo]peration not permitted")
    if refused and scene.told(hit.subject, r"chown|chmod|changing ownership|change permissions"):
        yield speaks_for("even root of the container may not give the files away", 2)
    if scene.engine and any("userns" in one for one in scene.engine.warnings):
        yield speaks_for("the engine maps users (userns-remap)", 2)
    if scene.told(hit.subject, r"userns|remap|rootless|100\d{3}"):
        yield speaks_for("the lines beside it name mapped users", 1)


def _owner(hit: Hit, scene: Scene) -> Iterator[Signal]:
    container, service = scene.container(hit.subject), scene.service(hit.subject)
    user = (container.user if container else "") or (service.user if service else "")
    uid = int(user.partition(":")[0]) if user.partition(":")[0].isdigit() else None
    for mount in container.mounts if container else ():
        if mount.uid is not None and uid and mount.uid != uid and not mount.read_only:
            yield speaks_for(f"{mount.source} belongs to uid {mount.uid}, the service is uid {uid}", 2)


def _secret(hit: Hit, scene: Scene) -> Iterator[Signal]:
    del scene
    if re.search(r"/run/secrets|_FILE=", hit.line.text):
        yield speaks_for("the path is that of a secret", 2)


def _cache(hit: Hit, scene: Scene) -> Iterator[Signal]:
    if re.search(r"llm|embed|train", hit.subject) and re.search(
        r"huggingface|\.cache|/cache|hub/", hit.line.text
    ):
        yield speaks_for("the path is in the model cache", 2)
        found = scene.service(hit.subject)
        if scene.cache is not None and found is not None:
            uid, gid = (int(part) for part in found.user.split(":"))
            for one in scene.cache.entries:
                if not one.open_to(uid, gid):
                    yield speaks_for(f"{one.path} belongs to {one.uid}:{one.gid}, mode {one.mode:04o}", 2)


def _socket(hit: Hit, scene: Scene) -> Iterator[Signal]:
    del scene
    if re.search(r"docker\.sock", hit.line.text):
        yield speaks_for("the path is the engine's socket", 3)


RULES = (
    Rule(
        "users are mapped",
        says=_DENIED + r"|[Oo]peration not permitted",
        cause="the engine maps users (userns-remap, rootless or Docker Desktop): user 999 of the container is "
        "100998 of the host, so that an owner which looks right on the host is not that of the container",
        remedy="chown the directory to the mapped uid, use a named volume, or set userns_mode: host for "
        "this service",
        weight=0,
        facts=_remapped,
        rejects=("the owner is wrong: `ls` on the host shows the unmapped one",),
    ),
    Rule(
        "secret that the service may not read",
        says=_DENIED,
        cause="the service's user may not read its secret: a mounted file keeps the owner and mode that it "
        "has on the host",
        remedy="`toolkit up` gives every secret to its reader; for own files chown to the service's uid, "
        "mode 0400",
        weight=0,
        facts=_secret,
    ),
    Rule(
        "model cache of somebody else",
        says=_DENIED,
        cause="the model cache belongs to another user: whoever downloaded before (root, as a rule) owns "
        "parts of it",
        remedy="chown -R to the user of the model servers (model_cache.uid:gid), or name its owner there",
        weight=0,
        facts=_cache,
    ),
    Rule(
        "socket of the engine",
        says=_DENIED,
        cause="the user may not speak to the engine",
        remedy="add the user to the group docker and log in anew (or run as root)",
        weight=0,
        facts=_socket,
    ),
    Rule(
        "directory of another owner",
        says=_DENIED,
        cause="the directory {path}{after}{java} is not writable for the service's user: a bind mount "
        "keeps its owner on the host, and a volume that of its first user",
        remedy="chown the directory on the host to the uid of the service (elasticsearch 1000:0, prometheus 65534, "
        "postgres, mysql and redis 999), or take a fresh named volume; do not run it as root",
        weight=1,
        facts=_owner,
    ),
    Rule(
        "user without a home directory",
        says=r"[Pp]ermission denied: '/(?:\.cache|\.config|\.triton|\.local|nonexistent)[^']*'"
        r"|getpwuid\(\): uid not found|/nonexistent/|cannot find name for user ID|mkdir /\.(?:cache"
        r"|config)",
        cause="the container runs as a user that the image does not know, so that its home is / and not "
        "writable",
        remedy="set HOME to a writable directory (and USER to any name) in {section}.environment",
        weight=3,
    ),
    Rule(
        "security profile of the host",
        says=r"(?:AppArmor|apparmor)(?!=\"?(?:STATUS|ALLOWED|AUDIT)|: AppArmor)|/proc/self/attr",
        cause="AppArmor stands in the way: the engine is confined itself, or /proc is mounted over the "
        "container's own",
        remedy="take the mount over /proc away; `aa-status` shows profiles; security_opt "
        "apparmor=unconfined only where that is understood",
        weight=4,
    ),
)


@check(
    "container.permission",
    "Services may read and write their files",
    needs=TOLD,
    wants=EVIDENCE,
    suites={Suite.DIAGNOSE},
)
def container_permission(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Say whose files a service may not use.

    A bind mount keeps the owner that it has on the host; image and host count users by number. The path tells
    what it is: a data directory, a secret, the model cache, the engine's socket. Where even root's chown is
    refused, users are mapped (userns-remap, rootless, Docker Desktop), and the owner that `ls` shows on the host
    is not the one inside.
    """
    return read(RULES, plan, seen)
