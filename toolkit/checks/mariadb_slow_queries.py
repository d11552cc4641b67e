"""How many of MariaDB's queries are slow?"""

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
    "mariadb.slow_queries",
    "MariaDB's queries are quick",
    needs={Need.MARIADB},
    suites={Suite.DIAGNOSE},
    explains=("endpoint.slow",),
)
def mariadb_slow_queries(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Warn where more than 1 of 100 queries took longer than long_query_time, of 1000 at least."""
    del plan
    for one, skip in silent(seen.mariadb, "slow queries", "Slow_queries", "Questions"):
        if skip is not None:
            yield skip
            continue
        slow, all_ = one.numbers["Slow_queries"], one.numbers["Questions"]
        found = enough(one.service, "slow queries", slow, all_, least=1000, limit=0.01, above=False)
        yield explained(
            found,
            "queries look at more rows than they return, or wait for locks",
            "toolkit db indexes: the slow queries and what they lack",
            told(
                one,
                "Slow_queries",
                "Questions",
                "long_query_time",
                "Innodb_row_lock_waits",
                "Select_full_join",
            ),
        )
