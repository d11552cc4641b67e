"""Which finding `--fix` takes, and that nobody is changed anything for without being asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.findings import RUNNING
from tests.support.plans import plan
from toolkit import recorded
from toolkit.cli.app import run
from toolkit.cli.curing import curable, refuse_silent
from toolkit.errors import UsageError
from toolkit.facts import UsageFact
from toolkit.findings import Change, Finding, Status
from toolkit.recorded import Look
from toolkit.report import Report
from toolkit.snapshot import Snapshot

CHANGE = Change("services.redis.memory", "1GiB")


def report(*findings: Finding, host: str = "") -> Report:
    return Report("diagnose", "testing", "now", 1.0, findings, host=host)


def test_the_first_one_that_is_wrong_and_can_be_changed() -> None:
    fine = Finding("redis", Status.PASS, "x", changes=(CHANGE,))
    words = Finding("edge", Status.FAIL, "x", remedy="look")
    wrong = Finding("redis", Status.WARN, "y", changes=(CHANGE,))
    assert curable([report(fine, words), report(wrong, host="app")]) == ("app", wrong)
    assert curable([report(fine, words)]) is None


def test_without_a_terminal_it_takes_consent_beforehand() -> None:
    with pytest.raises(UsageError, match="here is no terminal"):
        refuse_silent(yes=False)
    refuse_silent(yes=True)


def test_nothing_to_cure_is_told_and_judged_as_ever(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (here / "toolkit.yaml").read_bytes()
    assert run(["diagnose", "container.memory-use", "--fix", "--yes"]) == 3
    assert "no finding that a change of toolkit.yaml cures" in capsys.readouterr().err
    assert (here / "toolkit.yaml").read_bytes() == before


def test_the_change_is_in_the_report_for_machines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seen = Snapshot(
        "2026-01-01T00:00:00+00:00", usage=(UsageFact("edge", "id", 99, 100),), containers=RUNNING
    )
    (tmp_path / "look.json").write_text(recorded.write((Look("diagnose", 0.5, False, plan(), seen),), "1"))
    assert (
        run(["diagnose", "container.memory-use", "--replay", f"{tmp_path}/look.json", "--output=json"]) == 1
    )
    assert '"key": "services.edge.memory"' in capsys.readouterr().out
