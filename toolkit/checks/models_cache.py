"""Can the model servers write to their cache?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Status, Suite, check
from toolkit.planning.outside import HF_HOME, cache_directory
from toolkit.snapshot import Need, known

if TYPE_CHECKING:
    from toolkit.facts import CacheFact
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot


@check(
    "models.cache",
    "The model servers can write to their cache",
    needs={Need.CACHE},
    suites={Suite.PREFLIGHT, Suite.DIAGNOSE},
)
def models_cache(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Fail where the directory of `model_cache.source` is not there, or parts of it belong to somebody else.

    A volume is made and given to its user by `up`, so there is nothing to find out about one.
    """
    if cache_directory(plan) is None:
        return
    cache = known(seen.cache)
    user = next(s.user for s in plan.services for mount in s.mounts if mount.target == HF_HOME)
    if not cache.exists:
        yield _absent(cache.path, user)
    elif not cache.readable:
        yield Finding(cache.path, Status.SKIP, "this user may not look into it")
    else:
        yield _owned(cache, user)


def _absent(path: str, user: str) -> Finding:
    remedy = (
        f"mkdir -p {path} && chown {user} {path}\nor keep the weights in a volume: model_cache.source: volume"
    )
    return Finding(path, Status.FAIL, "the directory is not there", f"a directory of {user}", remedy=remedy)


def _owned(cache: CacheFact, user: str) -> Finding:
    uid, gid = (int(part) for part in user.split(":"))
    closed = [one for one in cache.entries if not one.open_to(uid, gid)]
    if not closed:
        return Finding(cache.path, Status.PASS, f"open to {user}")
    return Finding(
        subject=cache.path,
        status=Status.FAIL,
        observed=f"{user} may not write there",
        expected="directories that the model servers may read and write",
        cause="whoever downloaded before was another user",
        remedy=f"chown -R {user} {cache.path}\nor name that user: model_cache.uid and model_cache.gid in toolkit.yaml",
        evidence=tuple(f"{one.mode:04o} {one.uid}:{one.gid} {one.path}" for one in closed),
    )
