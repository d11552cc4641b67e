"""Does PostgreSQL find in memory what it reads?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.advice import enough, explained, silent, told
from toolkit.checking import Finding, Suite, check
from toolkit.snapshot import Need

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot


@check(
    "postgresql.cache_hits",
    "PostgreSQL finds in its buffers what it reads",
    needs={Need.POSTGRESQL},
    suites={Suite.DIAGNOSE},
    explains=("endpoint.slow",),
)
def postgresql_cache_hits(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Warn where under 99 % of its block reads were hits, of a million at least.

    What its buffers do not have may still be in the page cache, within the container's limit. A search in an HNSW graph
    jumps: from disk each jump costs a read.
    """
    del plan
    for one, skip in silent(seen.postgresql, "cache hits", "blks_hit", "blks_read"):
        if skip is not None:
            yield skip
            continue
        hits, reads = one.numbers["blks_hit"], one.numbers["blks_hit"] + one.numbers["blks_read"]
        found = enough(one.service, "block reads from memory", hits, reads, least=1_000_000, limit=0.99)
        shared = one.texts.get("shared_buffers", "")
        yield explained(
            found,
            "tables and indexes that are searched are more than its buffers hold",
            "more memory: services.vector_db.memory",
            (
                *told(one, "blks_hit", "blks_read", "temp_files"),
                *([f"shared_buffers {shared}"] if shared else []),
            ),
        )
