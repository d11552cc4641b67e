"""One report against an earlier one: which findings stand otherwise, and which figures moved by more than chance."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from statistics import NormalDist, fmean, stdev
from typing import TYPE_CHECKING

from toolkit.changes import ENOUGH_RUNS, Changes, FigureChange, FindingChange, Trend
from toolkit.checking import Finding, Status

if TYPE_CHECKING:
    from toolkit.report import Report

# Runs that agree to the last digit are no proof that the next one has to.
_LEAST_SHARE = 0.05
# Of all figures together, in one comparison of fifty.
_CHANCE = 0.02
_BAD = frozenset({Status.WARN, Status.ERROR, Status.FAIL})
_MORE_IS_BETTER = ("per_s", "hit_")
_LESS_IS_BETTER = ("_s", "_ms", "_mib", "_max", "_share", "_percent", "_rate", "errors", "restarts")


def compare(before: Report, after: Report, earlier: Sequence[Report] = ()) -> Changes:
    """Return what differs from `before` to `after`; `earlier` are all runs up to `before` that can be compared.

    A figure moved where it lies outside of what chance alone does to it, told from the earlier runs, and by 5 % at
    least. With fewer than eight of them nobody can tell, and that is said.
    """
    runs = [*(run for run in earlier if run.started != before.started), before]
    names = [name for name in after.metrics if name in before.metrics]
    return Changes(
        before.started,
        len(runs),
        _findings(before, after),
        tuple(_figure(name, before, after, runs, _CHANCE / len(names)) for name in names),
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


def _figure(name: str, before: Report, after: Report, runs: Sequence[Report], chance: float) -> FigureChange:
    old, new = before.metrics[name], after.metrics[name]
    known = [run.metrics[name] for run in runs if name in run.metrics]
    if len(known) < ENOUGH_RUNS:
        return FigureChange(name, old, new, Trend.UNKNOWN)
    low, high = _expected(known, chance)
    trend = Trend.SAME if low <= new <= high else _direction(name, grew=new > high)
    return FigureChange(name, old, new, trend, low, high)


def _expected(known: Sequence[float], chance: float) -> tuple[float, float]:
    """Return the prediction interval: the next run lies outside with probability `chance` if nothing else moves it.

    Student's, mean ± t · s · √(1 + 1/n), for values that are about normal; one wild run makes it wide, hence careful.
    """
    middle, n = fmean(known), len(known)
    reach = _student(1 - chance / 2, n - 1) * stdev(known) * sqrt(1 + 1 / n)
    reach = max(reach, abs(middle) * _LEAST_SHARE)
    return middle - reach, middle + reach


def _student(p: float, degrees: int) -> float:
    """Return the quantile `p` of Student's t by its expansion in 1/degrees (Abramowitz and Stegun, 26.7.5).

    From seven degrees on it is within 2 % for all that is asked of it here (a test compares).
    """
    z, d = NormalDist().inv_cdf(p), degrees
    terms = (
        (z**3 + z) / (4 * d),
        (5 * z**5 + 16 * z**3 + 3 * z) / (96 * d**2),
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * d**3),
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / (92160 * d**4),
    )
    return z + sum(terms)


def _direction(name: str, *, grew: bool) -> Trend:
    """Say whether it became better: a figure's name (before `/` and its subject) ends with its unit."""
    figure = name.partition("/")[0]
    if any(word in figure for word in _MORE_IS_BETTER):
        return Trend.BETTER if grew else Trend.WORSE
    if figure.endswith(_LESS_IS_BETTER):
        return Trend.WORSE if grew else Trend.BETTER
    return Trend.MOVED
