"""One report against an earlier one: which findings stand otherwise, and which figures moved by more than chance."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import TYPE_CHECKING

from toolkit.changes import ENOUGH_RUNS, Changes, FigureChange, FindingChange, Trend
from toolkit.checking import Finding, Status

if TYPE_CHECKING:
    from toolkit.report import Report

# Runs that agree to the last digit are no proof that the next one has to.
_LEAST_SHARE = 0.05
_BAD = frozenset({Status.WARN, Status.ERROR, Status.FAIL})
_LESS_IS_BETTER = (
    "_s",
    "_ms",
    "_mib",
    "_bytes",
    "_percent",
    "errors",
    "error_rate",
    "restarts",
    "waiting",
    "queue",
)
_MORE_IS_BETTER = ("_per_s", "hit_rate", "hits")


def compare(before: Report, after: Report, earlier: Sequence[Report] = ()) -> Changes:
    """Return what differs from `before` to `after`; `earlier` are all runs up to `before` that can be compared.

    A figure moved where it lies further from the median of the earlier runs than chance explains, told by their median
    distance from it (which one wild run does not spoil), and by 5 % at least. With fewer than five of them nobody
    can tell, and that is said.
    """
    runs = [*(run for run in earlier if run.started != before.started), before]
    names = [name for name in after.metrics if name in before.metrics]
    return Changes(
        before.started,
        len(runs),
        _findings(before, after),
        tuple(_figure(name, before, after, runs) for name in names),
    )


def worse(changes: Changes) -> bool:
    """Return whether something stands worse than before, or a figure is worse by more than chance."""
    order = list(Status)
    turned = any(
        one.after is not None
        and one.after.status in _BAD
        and (one.before is None or order.index(one.before.status) < order.index(one.after.status))
        for one in changes.findings
    )
    return turned or any(one.trend is Trend.WORSE for one in changes.figures)


def _findings(before: Report, after: Report) -> tuple[FindingChange, ...]:
    old, new = _worst_by_key(before), _worst_by_key(after)
    changed = [
        FindingChange(old.get(key), new.get(key))
        for key in [*new, *(key for key in old if key not in new)]
        if _status(old.get(key)) != _status(new.get(key))
    ]
    return tuple(sorted(changed, key=_weight))


def _worst_by_key(report: Report) -> dict[str, Finding]:
    """Return the worst finding of each check and subject: the findings of a report come worst first."""
    found: dict[str, Finding] = {}
    for finding in report.findings:
        found.setdefault(finding.key, finding)
    return found


def _status(finding: Finding | None) -> Status | None:
    return None if finding is None else finding.status


def _weight(change: FindingChange) -> int:
    """What is bad now comes first, then what was; the rest after that."""
    order = [*reversed(Status)]
    return order.index(change.after.status) if change.after is not None else len(order)


def _figure(name: str, before: Report, after: Report, runs: Sequence[Report]) -> FigureChange:
    old, new = before.metrics[name], after.metrics[name]
    known = [run.metrics[name] for run in runs if name in run.metrics]
    if len(known) < ENOUGH_RUNS:
        return FigureChange(name, old, new, Trend.UNKNOWN)
    low, high = _expected(known)
    trend = Trend.SAME if low <= new <= high else _direction(name, grew=new > high)
    return FigureChange(name, old, new, trend, low, high)


def _expected(known: Sequence[float]) -> tuple[float, float]:
    """Return between which values the next run lies in 49 of 50 cases if nothing but chance moves it.

    So many median distances reach so far, by simulation of normal spreads (a test repeats it): the fewer runs, the less
    is known of the distance itself.
    """
    middle = median(known)
    distance = median(abs(value - middle) for value in known)
    reach = max(distance * (3.3 + 28 / (len(known) - 2)), abs(middle) * _LEAST_SHARE)
    return middle - reach, middle + reach


def _direction(name: str, *, grew: bool) -> Trend:
    if name.endswith(_MORE_IS_BETTER):
        return Trend.BETTER if grew else Trend.WORSE
    if name.endswith(_LESS_IS_BETTER):
        return Trend.WORSE if grew else Trend.BETTER
    return Trend.MOVED
