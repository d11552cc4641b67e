"""The verb `diagnose` where there is no engine: what was seen once is judged anywhere, and nothing is made up."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from tests.support.findings import RUNNING
from tests.support.plans import plan
from toolkit import recorded
from toolkit.cli.app import run
from toolkit.facts import UsageFact
from toolkit.recorded import Look
from toolkit.snapshot import Snapshot

Captured = pytest.CaptureFixture[str]


@pytest.mark.usefixtures("here")
def test_an_engine_that_is_away_is_not_a_fault_of_the_stack(capsys: Captured) -> None:
    assert run(["diagnose", "--output", "json"]) == 3
    body = json.loads(capsys.readouterr().out)
    assert (body["suite"], body["verdict"]) == ("diagnose", "error")
    assert not [one for one in body["findings"] if one["status"] == "fail"]


@pytest.mark.usefixtures("here")
def test_what_nobody_could_see_for_one_reason_is_told_once(capsys: Captured) -> None:
    assert run(["diagnose"]) == 3
    out = capsys.readouterr().out
    assert len([line for line in out.splitlines() if line.startswith("ERROR")]) <= 4
    assert " more  " in out


def test_another_directory_without_a_profile_comes_to_the_same_words(
    here: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(["diagnose", "--save", "look.json"]) == 3
    live = capsys.readouterr().out
    assert stat.S_IMODE((here / "look.json").stat().st_mode) == 0o600
    elsewhere = here / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    for form in ("text", "json", "junit"):
        assert run(["diagnose", "--replay", "../look.json", "--output", form]) == 3
        again = capsys.readouterr().out
        if form == "text":
            assert again == live
    assert list(elsewhere.iterdir()) == []


@pytest.fixture
def full_redis(tmp_path: Path) -> str:
    seen = Snapshot(
        "2026-01-01T00:00:00+00:00", usage=(UsageFact("redis", "id", 99, 100),), containers=RUNNING
    )
    file = tmp_path / "look.json"
    file.write_text(recorded.write((Look("diagnose", 0.5, False, plan(), seen),), "1"))
    return str(file)


def test_only_what_is_named_is_asked(full_redis: str, capsys: Captured) -> None:
    assert run(["diagnose", "container.memory-use", "--replay", full_redis]) == 1
    out = capsys.readouterr().out
    assert out.startswith("FAIL  container.memory-use  redis: 99 of 100 MiB, 99 % (expected: under 97 %)\n")
    assert out.endswith("diagnose testing: fail (1 fail; 0.5 s)\n")
    assert run(["diagnose", "container.*", "--skip", "container.mem*", "--replay", full_redis]) in {0, 1, 3}
    assert "container.memory-use" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["containr.cpu"], "no check `containr.cpu`"),
        (["--skip", "nothing.*"], "no check `nothing.*`"),
        (["--replay", "/dev/null"], "it is no saved look at a stack"),
    ],
)
@pytest.mark.usefixtures("here")
def test_bad_words_are_refused(words: list[str], said: str, capsys: Captured) -> None:
    assert run(["diagnose", *words]) == 2
    assert said in capsys.readouterr().err
