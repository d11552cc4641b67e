"""Do MariaDB's temporary tables fit memory?"""

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
    "mariadb.temp_tables",
    "MariaDB's temporary tables fit memory",
    needs={Need.MARIADB},
    suites={Suite.DIAGNOSE},
    explains=("mariadb.slow_queries",),
)
def mariadb_temp_tables(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Warn where more than a quarter of its temporary tables went to disk, of 1000 at least.

    Tables with texts longer than 512 bytes go there whatever their size; beyond a quarter it is sorting and grouping
    without an index.
    """
    del plan
    disk, all_ = "Created_tmp_disk_tables", "Created_tmp_tables"
    for one, skip in silent(seen.mariadb, "temporary tables", disk, all_):
        if skip is not None:
            yield skip
            continue
        found = enough(
            one.service, "on disk", one.numbers[disk], one.numbers[all_], least=1000, limit=0.25, above=False
        )
        yield explained(
            found,
            "GROUP BY and ORDER BY work on more than tmp_table_size",
            "toolkit db indexes: the slow queries and what they lack",
            told(one, disk, all_, "tmp_table_size", "Sort_merge_passes"),
        )
