"""One report against an earlier one: chance is not taken for change, and too few runs are said to be too few."""

from __future__ import annotations

import random

import pytest

from toolkit.changes import Changes, FindingChange, Trend
from toolkit.checking import Finding, Status
from toolkit.comparison import compare, worse
from toolkit.report import Report
from toolkit.writers.changes import changes_lines

FULL = Finding("disk", Status.FAIL, "full", check="disk.data")
FINE = Finding("disk", Status.PASS, "1 GiB free", check="disk.data")
SLOW = Finding("edge", Status.WARN, "slow", check="targets.light")


def run(day: int, *findings: Finding, **metrics: float) -> Report:
    return Report("health-check", "testing", f"2026-01-{day:02d}T00:00:00+00:00", 60.0, findings, metrics)


def trend(now: float, *earlier: float, name: str = "p95_ms") -> Trend:
    runs = [run(day, **{name: value}) for day, value in enumerate(earlier, 1)]
    changes = compare(runs[-1], run(28, **{name: now}), runs[:-1])
    return changes.figures[0].trend


def test_few_runs_tell_nothing() -> None:
    assert trend(900, 10, 11, 10, 12) is Trend.UNKNOWN
    assert trend(900, 10, 11, 10, 12, 11) is Trend.WORSE


@pytest.mark.parametrize(
    ("name", "now", "expected"),
    [
        ("p95_ms", 10.4, Trend.SAME),
        ("p95_ms", 20, Trend.WORSE),
        ("p95_ms", 5, Trend.BETTER),
        ("tokens_per_s", 20, Trend.BETTER),
        ("tokens_per_s", 5, Trend.WORSE),
        ("redis_hit_rate", 5, Trend.WORSE),
        ("users", 20, Trend.MOVED),
    ],
)
def test_which_way_is_good_is_said_by_the_name(name: str, now: float, expected: Trend) -> None:
    assert trend(now, 10, 10.1, 9.9, 10.2, 10, name=name) is expected


def test_runs_that_agree_to_the_digit_leave_five_percent() -> None:
    assert trend(104, 100, 100, 100, 100, 100) is Trend.SAME
    assert trend(106, 100, 100, 100, 100, 100) is Trend.WORSE
    assert trend(1, 0, 0, 0, 0, 0, name="errors") is Trend.WORSE


def test_one_wild_run_spoils_nothing() -> None:
    assert trend(20, 10, 10.2, 9.8, 500, 10.1, 9.9) is Trend.WORSE


@pytest.mark.parametrize("runs", [5, 8, 20])
def test_chance_alone_is_seldom_called_a_change(runs: int) -> None:
    chance = random.Random(1)
    called = sum(
        trend(chance.gauss(100, 10), *(chance.gauss(100, 10) for _ in range(runs))) is not Trend.SAME
        for _ in range(2000)
    )
    assert called < 2000 * 0.035


def test_a_run_is_not_its_own_past() -> None:
    before = run(1, p95_ms=10)
    assert compare(before, run(2, p95_ms=10), [before]).runs == 1


def test_only_what_stands_otherwise_is_a_change_the_bad_first() -> None:
    old = run(1, FINE, SLOW, Finding("a", Status.PASS, "x", check="gone.check"))
    new = run(2, FULL, SLOW, Finding("b", Status.PASS, "x", check="new.check"))
    changes = compare(old, new)
    assert [(c.key, c.before and c.before.status, c.after and c.after.status) for c in changes.findings] == [
        ("disk.data/disk", Status.PASS, Status.FAIL),
        ("new.check/b", None, Status.PASS),
        ("gone.check/a", Status.PASS, None),
    ]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [(FINE, FULL, True), (FULL, FINE, False), (None, FULL, True), (None, FINE, False), (FULL, None, False)],
)
def test_worse_is_what_became_bad(before: Finding | None, after: Finding | None, expected: bool) -> None:
    assert worse(Changes("x", 1, (FindingChange(before, after),))) is expected


def test_a_figure_that_is_worse_by_more_than_chance_is_worse() -> None:
    runs = [run(day, p95_ms=10 + day / 10) for day in range(1, 7)]
    assert worse(compare(runs[-1], run(8, p95_ms=30), runs))
    assert not worse(compare(runs[-1], run(8, p95_ms=10), runs))


def test_people_read_what_changed_and_how_sure_that_is() -> None:
    runs = [run(day, FINE, p95_ms=10 + day / 10) for day in range(1, 7)]
    assert changes_lines(compare(runs[-1], run(8, FULL, p95_ms=30), runs)) == [
        "since 2026-01-06 00:00:00:",
        "  disk.data/disk: pass → fail: full",
        "  p95_ms: 10.6 → 30 (+183%; chance alone: 8.8 to 11.9), worse",
    ]
    assert changes_lines(compare(runs[0], run(8, FINE, p95_ms=30))) == [
        "since 2026-01-01 00:00:00: no change; too few runs to tell figures from chance: 1 of 5"
    ]
