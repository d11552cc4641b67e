"""What `db indexes` answers: the wanted indexes, those that nobody uses, tables that are read whole, slow queries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from toolkit.cli.indexes import index_line, indexes_json
from toolkit.units import format_seconds
from toolkit.values import as_plain

if TYPE_CHECKING:
    from toolkit.planning.index_care import IndexUse
    from toolkit.planning.plan import Plan
    from toolkit.planning.slow_log import SlowQuery
    from toolkit.routines.index_care import Care
    from toolkit.routines.migrate import IndexResult


def care_json(plan: Plan, results: Sequence[IndexResult], care: Care) -> dict[str, Any]:
    """Return all of it for machines; `unused` is to be believed only where `long_enough`."""
    uses = [{**as_plain(use), "long_enough": use.long_enough} for use in care.uses]
    return {**indexes_json(plan, results), "uses": uses, "slow_queries": [as_plain(one) for one in care.slow]}


def care_text(plan: Plan, results: Sequence[IndexResult], care: Care) -> str:
    """Return all of it for people."""
    missing = sum(result.state == "missing" for result in results)
    head = f"{plan.project}: {missing} of {len(results)} indexes missing"
    lines = [head + ("; toolkit db indexes --apply makes what can be made" if missing else "")]
    lines += map(index_line, results)
    lines += [line for use in care.uses for line in _use(use)]
    return "\n".join([*lines, *_slow(care.slow)])


def _use(use: IndexUse) -> Iterator[str]:
    if use.since_s is None:
        yield f"{use.service}: how its indexes are used is not counted (userstat is off)"
    elif not use.long_enough:
        yield f"{use.service}: used for {format_seconds(round(use.since_s))} only; unused indexes are told after a day"
    else:
        yield f"{use.service}: {len(use.unused)} indexes that no query used in {use.since_s / 86400:.1f} days"
        for unused in use.unused:
            yield f"  {unused.table}: {unused.name} ({unused.what})"
    for whole in use.whole:
        yield f"  {whole.table}: read whole {whole.times:,} times, {whole.rows:,} rows; an index may be missing"


def _slow(slow: Sequence[SlowQuery]) -> Iterator[str]:
    yield f"mariadb: {len(slow)} kinds of slow queries" if slow else "mariadb: no slow queries"
    for one in slow:
        rows = f"{one.rows_seen:,} rows looked at for {one.rows_sent:,}"
        yield f"  {one.times} times, {one.total_s:.2f} s in all, {one.longest_s:.2f} s at most, {rows}"
        yield f"    {one.shape}"
