"""Does MariaDB find in memory what it reads?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.advice import enough, explained, silent, told
from toolkit.checking import Change, Finding, Status, Suite, check
from toolkit.snapshot import Need
from toolkit.units import MIB

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot


_LEAST_READS = 1_000_000
_TARGET = 0.99
_FREE_SHARE = 0.05


@check(
    "mariadb.buffer_pool",
    "MariaDB finds in its buffer pool what it reads",
    needs={Need.MARIADB},
    suites={Suite.DIAGNOSE},
    explains=("mariadb.slow_queries",),
)
def mariadb_buffer_pool(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Warn where more than 1 of 100 page reads went to disk, of a million at least, and the pool is full.

    A read from disk takes as long as a hundred from memory: at 1 % both take the same time. While pages are free the
    pool is only being filled, and that is no lack of memory.
    """
    reads, asked = "Innodb_buffer_pool_reads", "Innodb_buffer_pool_read_requests"
    free, pages = "Innodb_buffer_pool_pages_free", "Innodb_buffer_pool_pages_total"
    for one, skip in silent(seen.mariadb, "buffer pool", reads, asked, free, pages):
        if skip is not None:
            yield skip
            continue
        numbers = one.numbers
        hits = numbers[asked] - numbers[reads]
        found = enough(
            one.service, "page reads from memory", hits, numbers[asked], least=_LEAST_READS, limit=_TARGET
        )
        if found.status is Status.WARN and numbers[free] > numbers[pages] * _FREE_SHARE:
            yield Finding(one.service, Status.SKIP, "its buffer pool is still being filled", found.expected)
            continue
        planned = plan.service(one.service)
        memory = planned.memory_bytes * 2 // MIB if planned is not None else 0
        yield explained(
            found,
            "what is read often is more than the pool holds",
            f"services:\n  mariadb: {{memory: {memory}MiB}}" if memory else "give it more memory",
            told(one, reads, asked, free, pages, "innodb_buffer_pool_size"),
            changes=(Change("services.mariadb.memory", f"{memory}MiB"),) if memory else (),
        )
