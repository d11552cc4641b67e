"""Do containers come near their limits of memory?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Change, Finding, Status, Suite, check
from toolkit.snapshot import Need, known

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot

_WORTH_TELLING, _HIGH, _FULL = 70, 85, 90
# What it shall be of the limit when that has been raised.
_AFTERWARDS = 0.65
# They keep their caches at a size of their own: near the limit is where they shall be, at it is not.
_BOUNDED, _BOUNDED_FULL = frozenset({"redis", "mariadb", "vector-db", "elasticsearch"}), 97


@check(
    "container.memory-use",
    "Containers have memory to spare",
    needs={Need.USAGE},
    suites={Suite.DIAGNOSE},
)
def container_memory_use(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Warn over 85 % of a container's limit, fail over 90 %; what the kernel could drop at once is not counted.

    Caches that fill up to a size that was set (Redis, MariaDB, PostgreSQL, Elasticsearch) count as full at 97 %
    only. From 70 % on the share is told.
    """
    for used in known(seen.usage):
        service = plan.service(used.service)
        if service is None or not used.memory_limit_mib:
            continue
        share = 100 * used.memory_mib / used.memory_limit_mib
        bounded = used.service in _BOUNDED
        full = share >= (_BOUNDED_FULL if bounded else _FULL)
        status = Status.FAIL if full else Status.WARN if share >= _HIGH and not bounded else Status.PASS
        if share < _WORTH_TELLING:
            continue
        bad = status is not Status.PASS
        more = f"{round(used.memory_mib / _AFTERWARDS)}MiB"
        yield Finding(
            subject=used.service,
            status=status,
            observed=f"{used.memory_mib} of {used.memory_limit_mib} MiB, {share:.0f} %",
            expected=f"under {_BOUNDED_FULL if bounded else _HIGH} %" if bad else "",
            cause="the next large allocation may have it killed" if full else "",
            remedy=f"give it {more} in toolkit.yaml ({service.section}.memory), then `toolkit up`"
            if bad
            else "",
            changes=(Change(f"{service.section}.memory", more),) if bad else (),
        )
