"""Do MariaDB's queries go by indexes?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.advice import enough, explained, silent, told
from toolkit.checking import Finding, Status, Suite, check
from toolkit.snapshot import Need
from toolkit.values import replace

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
_QUERIES = ("Com_select", "Select_scan", "Select_full_join")
_TARGET = 0.95


@check(
    "mariadb.index_use",
    "MariaDB's queries go by indexes",
    needs={Need.MARIADB},
    suites={Suite.DIAGNOSE},
    explains=("mariadb.slow_queries", "mariadb.temp_tables"),
)
def mariadb_index_use(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Warn where under 95 % of the queries, and of the rows that they read, went by an index; of 1000 queries at least.

    Both, since a few reports read whole tables and rightly so, and small tables are read whole without harm. Which
    tables it is shows `toolkit db indexes`.
    """
    del plan
    for one, skip in silent(seen.mariadb, "index use", *_BY_INDEX, *_BY_SCAN, *_QUERIES):
        if skip is not None:
            yield skip
            continue
        queries, scans, joins = (one.numbers[name] for name in _QUERIES)
        found = enough(
            one.service,
            "queries by an index",
            max(0, queries - scans - joins),
            queries,
            least=1000,
            limit=_TARGET,
        )
        by_index = sum(one.numbers[name] for name in _BY_INDEX)
        rows = by_index + sum(one.numbers[name] for name in _BY_SCAN)
        if found.status is Status.WARN and by_index >= rows * _TARGET:
            found = replace(found, status=Status.PASS)
        yield explained(
            found,
            "tables are read from end to end",
            "toolkit db indexes: unused and missing ones; --apply makes those that the profile declares",
            told(one, *_QUERIES, *_BY_INDEX, *_BY_SCAN),
        )
