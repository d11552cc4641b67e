"""Reports are kept for their owner alone, a bounded number of each suite, and can be listed, shown and compared."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from tests.support.demo_report import demo_report
from toolkit.checking import Finding, Status
from toolkit.cli import benching
from toolkit.cli.app import run
from toolkit.cli.options import Common
from toolkit.cli.reporting import answer_reports
from toolkit.cli.wiring import Project
from toolkit.errors import UsageError
from toolkit.report import Report
from toolkit.state.directory import StateDirectory
from toolkit.state.history import KEPT, History
from toolkit.values import replace
from toolkit.writers.json import report_from, report_json, write

Captured = pytest.CaptureFixture[str]
FINE = Finding("edge", Status.PASS, "41 ms", "under 100 ms", check="targets.light")
SLOW = Finding("edge", Status.FAIL, "412 ms", "under 100 ms", check="targets.light")


def report(at: int, finding: Finding = FINE, suite: str = "health-check", **more: float) -> Report:
    started = f"2026-01-{1 + at // 60:02d}T04:{at % 60:02d}:00+00:00"
    return Report(suite, "development", started, 60.2, (finding,), {"light_p95_ms": 41.0 + at % 3, **more})


@pytest.fixture
def here(here: Path) -> Path:
    StateDirectory(here, "development").ensure()
    return here


@pytest.fixture
def kept(here: Path) -> History:
    return History(StateDirectory(here, "development").reports)


def test_a_report_comes_back_as_it_was() -> None:
    one = replace(demo_report(), changes=None)
    assert report_from(json.loads(write([one]))) == one
    newer = report_json(one) | {"unheard_of": 1}
    newer["findings"][0]["unheard_of"] = 1
    assert report_from(json.loads(json.dumps(newer))) == one


def test_only_its_owner_reads_it(kept: History) -> None:
    entry = kept.keep(report(1))
    assert stat.S_IMODE(entry.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.directory.stat().st_mode) == 0o700
    assert entry.load() == report(1)


def test_a_suite_without_a_name_for_files_leaves_none(kept: History) -> None:
    with pytest.raises(OSError, match="no name for the report of bench speed-runner"):
        kept.keep(report(1, suite="bench speed-runner"))
    assert list(kept.directory.iterdir()) == []


def test_what_a_bench_found_is_kept(kept: History, monkeypatch: pytest.MonkeyPatch, here: Path) -> None:
    monkeypatch.setattr(benching, "url_of", lambda _: "http://127.0.0.1:8000")
    monkeypatch.setattr("toolkit.routines.bench.Bench.run", lambda *_: (FINE,))
    for persona in benching.PERSONAS:
        made = benching.bench(Project(Common(project_dir=here, persona=persona)))
        assert kept.keep(made).suite == f"bench-{persona}"


def test_the_oldest_go_those_of_other_suites_stay(kept: History) -> None:
    kept.keep(report(0, suite="smoke-test"))
    for at in range(KEPT + 3):
        kept.keep(report(at))
    assert [entry.load().started[11:16] for entry in kept.of("health-check", "")][:1] == ["04:03"]
    assert len(kept.of("health-check", "")) == KEPT
    assert len(kept.of("smoke-test", "")) == 1


def test_two_in_one_second_are_two(kept: History) -> None:
    first, second = kept.keep(report(1)), kept.keep(report(1, SLOW))
    assert (first.id, second.id) == ("20260101T040100_health-check", "20260101T040100-2_health-check")
    assert [entry.id for entry in kept.all()] == [first.id, second.id]


def test_hosts_are_apart(kept: History) -> None:
    kept.keep(replace(report(1), host="ai"))
    assert kept.keep(replace(report(1), host="app")).id == "20260101T040100_health-check_app"
    assert len(kept.of("health-check", "ai")) == 1


def test_a_report_is_named_by_id_by_its_beginning_or_by_its_suite(kept: History) -> None:
    first, last = kept.keep(report(1)), kept.keep(report(2))
    assert kept.named(first.id) == kept.named("20260101T0401") == first
    assert kept.named("health-check") == last
    assert kept.named("2026") == first
    with pytest.raises(UsageError, match="no report `nothing`"):
        kept.named("nothing")


def test_a_run_is_compared_with_the_one_before_and_kept(here: Path, kept: History, capsys: Captured) -> None:
    common = Common(project_dir=here)
    assert answer_reports(common, [report(1)]) == 0
    assert "since" not in capsys.readouterr().out
    assert answer_reports(common, [report(2, SLOW)]) == 1
    assert capsys.readouterr().out.splitlines()[-2:] == [
        "since 2026-01-01 04:01:00: too few runs to tell figures from chance: 1 of 8",
        "  targets.light/edge: pass → fail: 412 ms",
    ]
    assert [entry.load() for entry in kept.all()] == [report(1), report(2, SLOW)]


@pytest.mark.parametrize(("suite", "keep"), [("preflight", True), ("diagnose", False)])
def test_what_is_of_no_use_later_is_not_kept(here: Path, kept: History, suite: str, keep: bool) -> None:
    answer_reports(Common(project_dir=here), [report(1, suite=suite)], keep=keep)
    assert kept.all() == ()


def test_where_nothing_ever_ran_nothing_is_left_behind(tmp_path: Path) -> None:
    answer_reports(Common(project_dir=tmp_path), [report(1)])
    assert list(tmp_path.iterdir()) == []


def test_a_state_that_cannot_be_written_costs_no_report(here: Path, kept: History, capsys: Captured) -> None:
    kept.directory.write_text("in the way")
    assert answer_reports(Common(project_dir=here), [report(1)]) == 0
    out, err = capsys.readouterr()
    assert "health-check development: pass" in out
    assert err.startswith("warning: the report is not kept: ")


def test_a_file_that_is_no_report_is_told_and_left_out(here: Path, kept: History, capsys: Captured) -> None:
    kept.keep(report(1)).path.write_text("{}")
    assert answer_reports(Common(project_dir=here), [report(2)]) == 0
    assert "this is no report" in capsys.readouterr().err


def test_reports_are_listed(here: Path, kept: History, capsys: Captured) -> None:
    assert run(["report", "list"]) == 0
    assert capsys.readouterr().out == "no reports are kept yet\n"
    kept.keep(report(1))
    kept.keep(report(2, SLOW))
    assert run(["report", "list"]) == 0
    assert capsys.readouterr().out == (
        "20260101T040100_health-check  pass   1 pass  (60.2 s)\n"
        "20260101T040200_health-check  fail   1 fail  (60.2 s)\n"
    )
    assert run(["report", "list", "--output", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)["reports"]
    assert [(row["id"], row["verdict"]) for row in rows][1] == ("20260101T040200_health-check", "fail")
    assert run(["report", "list", "--env", "testing"]) == 0
    assert here


def test_a_report_is_shown_again_in_any_format(here: Path, kept: History, capsys: Captured) -> None:
    kept.keep(report(1))
    kept.keep(report(2, SLOW))
    # It could be shown, whatever it says.
    assert run(["report", "show"]) == 0
    assert capsys.readouterr().out.startswith("FAIL  targets.light  edge  412 ms")
    assert run(["report", "show", "20260101T0401", "--output", "html", "--report", "r.xml"]) == 0
    assert capsys.readouterr().out.startswith("<!DOCTYPE html>")
    assert (here / "r.xml").exists()


def test_two_reports_are_compared(kept: History, capsys: Captured) -> None:
    for at in range(9):
        kept.keep(report(at))
    kept.keep(report(10, SLOW, light_p95_ms=412.0))
    assert run(["report", "compare"]) == 4
    out = capsys.readouterr().out
    assert "  targets.light/edge: pass → fail: 412 ms\n" in out
    assert "  light_p95_ms: 43 → 412 (+858%; chance alone: " in out
    assert run(["report", "compare", "20260101T0400", "20260101T0405", "--output", "json"]) == 0
    changes = json.loads(capsys.readouterr().out)["changes"]
    assert (changes["since"], changes["runs"]) == ("2026-01-01T04:00:00+00:00", 1)
    assert changes["figures"][0]["trend"] == "too few runs"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("show",), "no reports are kept yet\n  next: `toolkit health-check`"),
        (("compare",), "no reports are kept yet"),
    ],
)
@pytest.mark.usefixtures("kept")
def test_without_reports_it_says_who_leaves_them(words: tuple[str, ...], said: str, capsys: Captured) -> None:
    assert run(["report", *words]) == 2
    assert said in capsys.readouterr().err


def test_what_cannot_be_compared_is_refused(kept: History, capsys: Captured) -> None:
    kept.keep(report(1))
    assert run(["report", "compare"]) == 2
    assert (
        "is the only one of its suite\n  next: run `toolkit health-check` once more"
        in capsys.readouterr().err
    )
    kept.keep(report(2, suite="smoke-test"))
    assert run(["report", "compare", "health-check", "smoke-test"]) == 2
    assert "ID: no report `health-check` of smoke-test" in capsys.readouterr().err


def test_the_schema_can_be_had(capsys: Captured) -> None:
    assert run(["report", "schema"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "A report of toolkit"
