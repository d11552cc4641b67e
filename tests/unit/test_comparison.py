"""One report against an earlier one: chance is not taken for change, and too few runs are said to be too few."""

from __future__ import annotations

import random
import re

import pytest

from toolkit.changes import Changes, FindingChange, Trend
from toolkit.checking import Finding, Status
from toolkit.comparison import _student, compare, worse
from toolkit.report import Report
from toolkit.values import replace
from toolkit.writers.changes import changes_lines

FULL = Finding("disk", Status.FAIL, "full", check="disk.data")
FINE = Finding("disk", Status.PASS, "1 GiB free", check="disk.data")
EARLIER = (10, 10.1, 9.9, 10.2, 10, 9.8, 10.1, 9.9)
SLOW = Finding("edge", Status.WARN, "slow", check="targets.light")


def run(day: int, *findings: Finding, **metrics: float) -> Report:
    return Report("health-check", "testing", f"2026-01-{day:02d}T00:00:00+00:00", 60.0, findings, metrics)


def trend(now: float, *earlier: float, name: str = "p95_ms") -> Trend:
    runs = [run(day, **{name: value}) for day, value in enumerate(earlier, 1)]
    changes = compare(runs[-1], run(28, **{name: now}), runs[:-1])
    return changes.figures[0].trend


def test_few_runs_tell_nothing() -> None:
    assert trend(900, *EARLIER[:7]) is Trend.UNKNOWN
    assert trend(900, *EARLIER) is Trend.WORSE


@pytest.mark.parametrize(
    ("name", "now", "expected"),
    [
        ("p95_ms", 10.4, Trend.SAME),
        ("p95_ms", 20, Trend.WORSE),
        ("p95_ms", 5, Trend.BETTER),
        ("tokens_per_s", 20, Trend.BETTER),
        ("tokens_per_s", 5, Trend.WORSE),
        ("hit_share/redis", 5, Trend.WORSE),
        ("first_token_p95_s/general", 20, Trend.WORSE),
        ("tokens_per_s_p50/general", 20, Trend.BETTER),
        ("users", 20, Trend.MOVED),
    ],
)
def test_which_way_is_good_is_said_by_the_name(name: str, now: float, expected: Trend) -> None:
    assert trend(now, *EARLIER, name=name) is expected


def test_runs_that_agree_to_the_digit_leave_five_percent() -> None:
    assert trend(104, *[100] * 8) is Trend.SAME
    assert trend(106, *[100] * 8) is Trend.WORSE
    assert trend(1, *[0] * 8, name="errors") is Trend.WORSE


def test_one_wild_run_makes_it_careful() -> None:
    assert trend(20, *EARLIER, 50) is Trend.SAME
    assert trend(200, *EARLIER, 50) is Trend.WORSE


@pytest.mark.parametrize("runs", [8, 20])
def test_chance_alone_is_seldom_called_a_change_however_many_figures_there_are(runs: int) -> None:
    chance = random.Random(1)
    names = [f"p95_ms/{number}" for number in range(40)]

    def one(day: int) -> Report:
        return replace(run(day), metrics={name: chance.gauss(100, 10) for name in names})

    called = 0
    for _ in range(200):
        earlier = [one(day) for day in range(1, runs + 1)]
        changes = compare(earlier[-1], one(28), earlier[:-1])
        called += any(figure.trend is not Trend.SAME for figure in changes.figures)
    assert called <= 200 * 0.05


@pytest.mark.parametrize(
    ("p", "degrees", "known"),
    # From the tables.
    [(0.975, 7, 2.365), (0.995, 7, 3.499), (0.9995, 7, 5.408), (0.9995, 19, 3.883), (0.99975, 10, 5.049)],
)
def test_student_s_quantiles_are_those_of_the_tables(p: float, degrees: int, known: float) -> None:
    assert _student(p, degrees) == pytest.approx(known, rel=0.02)


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
    runs = [run(day, p95_ms=10 + day / 10) for day in range(1, 10)]
    assert worse(compare(runs[-1], run(12, p95_ms=30), runs))
    assert not worse(compare(runs[-1], run(12, p95_ms=10.5), runs))


def test_people_read_what_changed_and_how_sure_that_is() -> None:
    runs = [run(day, FINE, p95_ms=10 + day / 10) for day in range(1, 10)]
    told = changes_lines(compare(runs[-1], run(12, FULL, p95_ms=30), runs))
    assert told[:2] == ["since 2026-01-09 00:00:00:", "  disk.data/disk: pass → fail: full"]
    assert re.fullmatch(r"  p95_ms: 10\.9 → 30 \(\+175%; chance alone: 9\.\d+ to 11\.\d+\), worse", told[2])
    assert changes_lines(compare(runs[0], run(12, FINE, p95_ms=30))) == [
        "since 2026-01-01 00:00:00: no change; too few runs to tell figures from chance: 1 of 8"
    ]


def test_what_went_the_same_way_is_told_in_one_line() -> None:
    """An engine that is down is one change for whoever reads, not one of each check that asked it."""
    dark = tuple(
        FindingChange(None, Finding("engine", Status.ERROR, "it is not running", check=f"check.{letter}"))
        for letter in "abcdef"
    )
    assert changes_lines(Changes("2026-01-01T00:00:00", 9, dark)) == [
        "since 2026-01-01 00:00:00:",
        "  check.a/engine, check.b/engine, check.c/engine and 3 more: not there → error: it is not running",
    ]
