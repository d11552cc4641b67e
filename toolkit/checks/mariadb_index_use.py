"""Do MariaDB's queries go by indexes?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.advice import enough, explained, silent, told
from toolkit.checking import Finding, Suite, check
from toolkit.snapshot import Need

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot


_BY_INDEX = (
    "Handler_read_first",
    "Handler_read_key",
    "Handler_read_last",
    "Handler_read_next",
    "Handler_read_prev",
)
_BY_SCAN = ("Handler_read_rnd", "Handler_read_rnd_next")


@check(
    "mariadb.index_use",
    "MariaDB's queries go by indexes",
    needs={Need.MARIADB},
    suites={Suite.DIAGNOSE},
    explains=("mariadb.slow_queries", "mariadb.temp_tables"),
)
def mariadb_index_use(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Warn where under 95 % of the rows that were read were found by an index, of a million rows at least.

    Reports over whole tables are read row by row, and rightly so: which tables it is shows `toolkit db indexes`.
    """
    del plan
    for one, skip in silent(seen.mariadb, "index use", *_BY_INDEX, *_BY_SCAN):
        if skip is not None:
            yield skip
            continue
        found_rows = sum(one.numbers[name] for name in _BY_INDEX)
        rows = found_rows + sum(one.numbers[name] for name in _BY_SCAN)
        found = enough(one.service, "rows read by an index", found_rows, rows, least=1_000_000, limit=0.95)
        yield explained(
            found,
            "tables are read from end to end",
            "toolkit db indexes: unused and missing ones; --apply makes those that the profile declares",
            told(one, *_BY_INDEX, *_BY_SCAN, "Select_full_join", "Select_scan"),
        )
