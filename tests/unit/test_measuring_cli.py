"""The verbs that measure: what they refuse, and how their reports read."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console

from tests.support.command import project, toolkit
from toolkit.checking import Finding, Status
from toolkit.cli.options import Common
from toolkit.cli.slo import duration_s, with_slo
from toolkit.cli.watching import _table
from toolkit.errors import UsageError
from toolkit.facts import Series
from toolkit.report import Report
from toolkit.writers.sparkline import sparkline
from toolkit.writers.text import report_text


@pytest.mark.parametrize(
    ("slo", "words"),
    [
        ("light_p59=80ms", ("unknown target `light_p59`", "did you mean `light_p95`?")),
        ("light_p95", ("a target needs its value", "such as --slo light_p95=80ms")),
        ("xyz=1", ("unknown target `xyz`", "known: aggregation, alert_p95")),
        ("light_p95=80", ("an amount with its unit",)),
    ],
)
def test_a_target_that_is_none_is_refused_with_the_nearest(
    tmp_path: Path, slo: str, words: tuple[str, ...]
) -> None:
    said = toolkit("health-check", "--slo", slo, cwd=project(tmp_path / "p"))
    assert said.code == 2
    assert all(word in said.err for word in words), said.err


def test_targets_of_the_command_line_come_last() -> None:
    common = with_slo(Common(sets=["targets.light_p95=1s"]), ["light_p95=80ms"])
    assert common.sets == ["targets.light_p95=1s", "targets.light_p95=80ms"]


def test_lengths_of_time() -> None:
    assert [duration_s(text) for text in ("60s", "8", "5m", "7.5")] == [60, 8, 300, 7.5]
    with pytest.raises(UsageError, match="too short to watch anything"):
        duration_s("2s")
    with pytest.raises(UsageError, match="this is no length of time"):
        duration_s("soon")


def test_without_an_engine_it_could_not_look(tmp_path: Path) -> None:
    said = toolkit("smoke-test", cwd=project(tmp_path / "p"))
    assert said.code in {1, 3}
    assert "toolkit up" in said.err + said.out


def test_what_was_measured_is_a_table_and_what_is_wrong_comes_below() -> None:
    findings = (
        Finding("edge", Status.FAIL, "P95 300 ms", "< 100 ms", remedy="look", check="watch.light"),
        Finding("general", Status.SKIP, "too few samples", "< 500 ms", check="watch.first_token"),
        Finding("redis", Status.PASS, "3 % in use", "< 95 %", check="watch.memory"),
    )
    assert report_text(Report("health-check", "testing", "now", 60.4, findings)).splitlines() == [
        "FAIL  watch.light        edge     P95 300 ms       < 100 ms",
        "SKIP  watch.first_token  general  too few samples  < 500 ms",
        "PASS  watch.memory       redis    3 % in use       < 95 %",
        "FAIL  watch.light  edge: P95 300 ms (expected: < 100 ms)",
        "      next: look",
        "health-check testing: fail (1 fail, 1 skip, 1 pass; 60.4 s)",
    ]
    skipped = Report("health-check", "testing", "now", 60.4, findings[1:])
    assert (skipped.verdict, skipped.exit_code) == (Status.PASS, 0)
    assert Report("health-check", "testing", "now", 1.0, findings[1:2]).verdict is Status.SKIP


def test_sparklines() -> None:
    assert sparkline([(0, 0.0), (1, 5.0), (3, 10.0)], 4, 4) == "▁▅ █"
    assert sparkline([(0, 0.0)], 2, 2) == "▁ "
    assert sparkline([(0.1, 1.0), (0.2, 9.0), (5, 4.0)], 2, 2) == "█▄"
    assert sparkline([(0, None)], 2, 0) == "  "


def test_the_live_table_has_a_line_for_each_figure_that_was_seen() -> None:
    seen = [
        Series("light", "edge", "s", ((0.5, 0.002), (30.0, 0.004))),
        Series("memory", "redis", "MiB", ((1.0, 3.0), (31.0, None))),
        Series("kv_cache", "llm-fast", "share", ((1.0, 0.5),)),
    ]
    console = Console(width=120, no_color=True)
    with console.capture() as shown:
        console.print(_table(seen, 31.0, 60.0))
    lines = [line.split() for line in shown.get().splitlines()]
    assert lines[0] == ["light", "requests", "edge", "▅", "█", "4", "ms"]
    assert lines[1] == ["memory", "redis", "█", "3", "MiB"]
    assert lines[2] == ["31", "of", "60", "s"]
