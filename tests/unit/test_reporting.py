"""How verbs that examine answer: on standard output in five formats, in files beside it, and in the log of a CI job."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from toolkit.checking import Finding, Status
from toolkit.cli.app import run
from toolkit.cli.options import Common, Output
from toolkit.cli.report_files import FORMATS, write_file
from toolkit.cli.reporting import answer_reports
from toolkit.errors import ActionError
from toolkit.report import Report

Captured = pytest.CaptureFixture[str]
FULL = Finding("disk", Status.FAIL, "full", "1 GiB free", check="disk.data")
FINE = Finding("local", Status.PASS, "2 cores", check="host.cpus")


def report(*findings: Finding, host: str = "", strict: bool = False) -> Report:
    started = "2026-01-01T00:00:00+00:00"
    return Report("preflight", "testing", started, 0.25, findings, strict=strict, host=host)


@pytest.mark.parametrize(
    ("output", "begins"),
    [
        (Output.TEXT, "FAIL  disk.data  disk: full"),
        (Output.JSON, '{\n  "schema": 1,'),
        (Output.JUNIT, "<?xml version="),
        (Output.MARKDOWN, "## ❌ preflight testing: fail"),
        (Output.HTML, "<!DOCTYPE html>"),
    ],
)
def test_each_format_is_one_answer(output: Output, begins: str, capsys: Captured) -> None:
    assert answer_reports(Common(output=output), [report(FULL, FINE)]) == 1
    out, err = capsys.readouterr()
    assert out.startswith(begins)
    assert err == ""


def test_several_hosts_are_told_apart_and_the_worst_counts(capsys: Captured) -> None:
    two = [report(FINE, host="ai"), report(FULL, host="app")]
    assert answer_reports(Common(), two) == 1
    assert [line for line in capsys.readouterr().out.splitlines() if "==" in line] == ["== ai", "== app"]
    answer_reports(Common(output=Output.JSON), two)
    assert [one["host"] for one in json.loads(capsys.readouterr().out)["hosts"]] == ["ai", "app"]
    answer_reports(Common(output=Output.JUNIT), two)
    suites = ET.fromstring(capsys.readouterr().out)  # noqa: S314 - our own
    assert [suite.get("name") for suite in suites] == ["preflight testing ai", "preflight testing app"]


def test_files_stand_beside_the_terminal_s_text(tmp_path: Path, capsys: Captured) -> None:
    files = [tmp_path / f"r{suffix}" for suffix in FORMATS]
    assert answer_reports(Common(report_files=files), [report(FULL)]) == 1
    assert capsys.readouterr().out.startswith("FAIL  disk.data")
    assert json.loads((tmp_path / "r.json").read_text())["verdict"] == "fail"
    assert (tmp_path / "r.xml").read_text().startswith("<?xml")
    assert (tmp_path / "r.md").read_text().startswith("## ")
    assert (tmp_path / "r.html").read_text().startswith("<!DOCTYPE html>")
    assert sorted(tmp_path.iterdir()) == sorted(files)


def test_a_file_that_cannot_be_written_is_told_and_leaves_the_former_one(tmp_path: Path) -> None:
    there = tmp_path / "r.json"
    there.mkdir()
    with pytest.raises(ActionError, match="the report cannot be written"):
        write_file(there, "{}")
    assert sorted(tmp_path.iterdir()) == [there]


def test_the_umask_says_who_may_read_it(tmp_path: Path) -> None:
    write_file(tmp_path / "r.md", "x")
    assert stat.S_IMODE((tmp_path / "r.md").stat().st_mode) & 0o133 == 0


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (
            "report.pdf",
            "error: --report report.pdf: its suffix does not say how to write it\n  next: one of .json (json)",
        ),
        (
            "out/report.xml",
            "error: --report out/report.xml: there is no such directory\n  next: mkdir -p out",
        ),
        ("dir.md", "error: --report dir.md: it is a directory"),
    ],
)
@pytest.mark.usefixtures("here")
def test_what_cannot_be_written_is_told_before_anything_is_looked_at(
    file: str, said: str, capsys: Captured
) -> None:
    Path("dir.md").mkdir()
    assert run(["preflight", "--report", file]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(said)


@pytest.mark.usefixtures("here")
def test_other_verbs_answer_as_text_or_json_only(capsys: Captured) -> None:
    assert run(["checks", "list", "--output", "junit"]) == 2
    assert capsys.readouterr().err == (
        "error: command line: Invalid value for '--output' / '-o': 'junit' is not one of 'text', 'json'.\n"
        "  next: toolkit checks list --help\n"
    )
    assert run(["checks", "list", "--report", "r.md"]) == 2


def test_github_is_told_in_its_own_words(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert run(["preflight", "--report", "r.xml"]) == 3
    out, err = capsys.readouterr()
    assert out.startswith("ERROR ")
    assert err.startswith("::error title=preflight development%3A ")
    assert ET.parse(here / "r.xml").getroot().find("testsuite") is not None  # noqa: S314 - our own
