"""The verbs that examine: what they answer without an engine, and what the checks say of themselves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from toolkit.checks import all_checks
from toolkit.cli.app import run

Captured = pytest.CaptureFixture[str]


@pytest.mark.usefixtures("here")
def test_without_an_engine_the_rest_is_judged_all_the_same(capsys: Captured) -> None:
    assert run(["preflight", "--output", "json"]) == 3
    body = json.loads(capsys.readouterr().out)
    assert (body["suite"], body["environment"], body["verdict"]) == ("preflight", "development", "error")
    by_check = {one["check"]: one for one in body["findings"]}
    assert by_check["engine.version"]["status"] == "error"
    assert by_check["engine.version"]["remedy"]
    assert by_check["host.clock"]["status"] in {"pass", "warn"}


@pytest.mark.usefixtures("here")
def test_an_engine_that_is_away_is_told_once(capsys: Captured) -> None:
    assert run(["preflight"]) == 3
    out = capsys.readouterr().out
    assert out.count("the engine is not running") + out.count("the docker command is not on PATH") <= 2
    assert "\npreflight development: error (" in out


def test_nothing_is_left_behind(here: Path, capsys: Captured) -> None:
    before = sorted(here.rglob("*"))
    run(["preflight"])
    assert sorted(here.rglob("*")) == before
    assert capsys.readouterr().err == ""


def test_every_check_is_listed_with_who_asks_it(capsys: Captured) -> None:
    assert run(["checks", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [check.id for check in all_checks()]
    assert "port.free                 The ports are free that services publish (diagnose, preflight)" in lines
    assert run(["checks", "list", "--output=json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["checks"]) == len(lines)


def test_a_check_explains_itself(capsys: Captured) -> None:
    assert run(["checks", "explain", "port.free"]) == 0
    assert capsys.readouterr().out == (
        "port.free: The ports are free that services publish\n\n"
        "Fail where another program or container holds a port, by name, and where its address is not this "
        "machine's.\n\n"
        "looks at: ports\nasked by: diagnose, preflight\n"
    )


def test_an_unknown_check_is_bad_usage(capsys: Captured) -> None:
    assert run(["checks", "explain", "ports.free"]) == 2
    assert capsys.readouterr().err == (
        "error: ID: no check `ports.free`\n"
        "  next: did you mean `port.free`? `toolkit checks list` names all of them\n"
    )
