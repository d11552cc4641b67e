"""Could Redis write what it shall keep?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Status, Suite, check
from toolkit.snapshot import Need, known

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot


_SAYS = ("rdb_last_bgsave_status", "aof_last_bgrewrite_status", "aof_last_write_status")


@check(
    "redis.save",
    "Redis could write what it shall keep",
    needs={Need.REDIS},
    suites={Suite.DIAGNOSE},
    explains=("endpoint.answers", "redis.hit_rate"),
)
def redis_save(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Fail where the last save or append was in error: with its defaults it then refuses every write (MISCONF)."""
    del plan
    for one in known(seen.redis):
        failed = [name for name in _SAYS if one.texts.get(name) == "err"]
        yield Finding(
            one.service,
            Status.FAIL if failed else Status.PASS,
            f"the last write to disk failed: {', '.join(failed)}" if failed else "no write to disk failed",
            "" if not failed else "ok",
            "the disk is full, or its directory is not its own" if failed else "",
            "make room (`toolkit diagnose 'disk.*'`): it saves again by itself; more says toolkit logs redis"
            if failed
            else "",
            tuple(f"{name}:err" for name in failed),
        )
