"""Do MariaDB's connections suffice?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.advice import enough, explained, silent, told
from toolkit.checking import Change, Finding, Status, Suite, check
from toolkit.snapshot import Need

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot


@check(
    "mariadb.connections",
    "MariaDB has connections left",
    needs={Need.MARIADB},
    suites={Suite.DIAGNOSE},
    explains=("endpoint.answers",),
)
def mariadb_connections(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Warn where 85 % of max_connections were in use at some time since its start, fail where one was refused for it.

    That share is `pool.use_high`. The change is half as many again, for which memory has to be planned.
    """
    limit = plan.targets.pool_use
    for one, skip in silent(seen.mariadb, "connections", "Max_used_connections", "max_connections"):
        if skip is not None:
            yield skip
            continue
        used, most = one.numbers["Max_used_connections"], one.numbers["max_connections"]
        found = enough(one.service, "connections used at most", used, most, least=1, limit=limit, above=False)
        refused = one.numbers.get("Connection_errors_max_connections", 0)
        if refused:
            found = Finding(
                one.service,
                Status.FAIL,
                f"{refused:,.0f} connections refused: all were in use",
                found.expected,
            )
        yield explained(
            found,
            "applications keep more connections open than there are",
            f"services:\n  mariadb: {{max_connections: {int(most * 3 // 2)}}}\nor smaller pools in the applications",
            told(one, "Threads_connected", "Max_used_connections", "max_connections", "Aborted_connects"),
            changes=(Change("services.mariadb.max_connections", int(most * 3 // 2)),),
        )
