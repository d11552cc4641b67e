"""Every way to end has its exit code and its message, in words and in JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.command import NO_ENGINE
from toolkit.cli.app import run
from toolkit.state.directory import StateDirectory
from toolkit.state.lock import locked

Captured = pytest.CaptureFixture[str]


@pytest.mark.usefixtures("here")
def test_0_a_valid_profile(capsys: Captured) -> None:
    assert run(["validate", "--lint", "static"]) == 0
    assert capsys.readouterr() == ("valid: development on cpu, 8 services\n", "")


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["foo"], "error: command line: No such command 'foo'.\n  next: toolkit --help\n"),
        (
            ["render", "--nope"],
            "error: command line: No such option: --nope\n  next: toolkit render --help\n",
        ),
        (
            ["--set", "a=1", "render"],
            "error: command line: No such option: --set\n  next: toolkit --help; options stand after the verb\n",
        ),
        (["keys", "add"], "error: command line: Missing argument 'name'.\n  next: toolkit keys add --help\n"),
        (
            ["render", "--project-dir", "gone"],
            "error: command line: Invalid value for '--project-dir': dir 'gone' does not exist.\n"
            "  next: toolkit render --help\n",
        ),
        (
            ["validate", "--env", "prod"],
            "error: --env: unknown environment `prod`\n"
            "  next: did you mean `production`? known: development, production, testing\n",
        ),
        (
            ["validate", "--set", "services.redis.memory=1"],
            "error: --set services.redis.memory: `services.redis.memory` is not of the right form\n"
            "   got: 1 (a whole number)\n"
            "  next: write an amount with its unit, such as 2GiB or 12.5%\n",
        ),
        (
            ["restart", "mariad"],
            "error: SERVICES: no service `mariad`\n"
            "  next: did you mean `mariadb`? known: redis, mariadb, vector-db, response-cache, edge, prometheus, "
            "llm-general, llm-fast\n",
        ),
        (
            ["down", "--volumes"],
            "error: --volumes: this deletes all data of llm-development: its volumes and everything in them\n"
            "   got: no consent\n"
            "  next: if you mean it: toolkit down --volumes --yes-delete llm-development\n",
        ),
        (
            ["down", "--yes-delete", "llm-development"],
            "error: --yes-delete: it consents to --volumes, which was not given\n",
        ),
    ],
)
def test_2_what_was_asked_makes_no_sense(words: list[str], message: str, capsys: Captured) -> None:
    assert run(words) == 2
    assert capsys.readouterr() == ("", message)


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("words", [[], ["keys"], ["profile"]])
def test_2_without_a_verb_the_help_is_shown(words: list[str], capsys: Captured) -> None:
    assert run(words) == 2
    assert f"Usage: {' '.join(['toolkit', *words])} [OPTIONS] COMMAND" in capsys.readouterr().out


def test_2_all_problems_of_a_profile_are_told_with_file_and_line(here: Path, capsys: Captured) -> None:
    (here / "toolkit.yaml").write_text("enviroment: testing\nservices:\n  redis:\n    memory: 12:30\n")

    assert run(["validate"]) == 2

    err = capsys.readouterr().err
    assert "error: toolkit.yaml:1: unknown key `enviroment`" in err
    assert "did you mean `environment`?" in err
    assert "error: toolkit.yaml:4:" in err


def test_1_the_machine_is_not_as_it_has_to_be(here: Path, capsys: Captured) -> None:
    (here / "elsewhere").mkdir()
    (here / ".toolkit").symlink_to("elsewhere")

    assert run(["render"]) == 1

    assert capsys.readouterr() == (
        "",
        f"error: {here}/.toolkit: secrets cannot be kept here safely\n"
        "   got: a symlink to elsewhere\n"
        f"  next: remove the symlink: rm {here}/.toolkit\n",
    )


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("words", [["status"], ["up"], ["restart"], ["down"], ["init", "--print", "--quiet"]])
def test_3_no_engine_answers(words: list[str], capsys: Captured) -> None:
    assert run(words) == 3

    out, err = capsys.readouterr()
    assert out == ""
    assert f"error: Docker Engine at {NO_ENGINE}: the engine is not running\n" in err
    assert "  next: start it: `systemctl start docker`, or `make up`" in err


def test_3_another_run_is_at_work(here: Path, capsys: Captured) -> None:
    state = StateDirectory(here, "development").ensure()
    with locked(state.lock, "up"):
        assert run(["render"]) == 3

    err = capsys.readouterr().err
    assert err.startswith(f"error: {state.lock}: another run is at work here, so `render` does nothing\n")
    assert "   got: toolkit up, pid " in err
    assert not (here / "build").exists()


def test_3_the_tree_cannot_be_written(here: Path, capsys: Captured) -> None:
    (here / "build").write_text("in the way")
    assert run(["render"]) == 3
    assert capsys.readouterr().err.startswith(f"error: {here}/build/development: the rendered tree cannot be")


def test_4_the_tree_differs(here: Path, capsys: Captured) -> None:
    assert run(["render", "--check"]) == 4
    missing = capsys.readouterr().err
    assert f"error: {here}/build/development/compose.yaml: missing\n  next: run `toolkit render`\n" in missing
    assert missing.count(": missing\n") == 11
    assert not (here / "build").exists()

    assert run(["render"]) == 0
    assert run(["render", "--check"]) == 0
    capsys.readouterr()
    (here / "build" / "development" / "edge" / "haproxy.cfg").write_text("mine")
    assert run(["render", "--check"]) == 4
    assert capsys.readouterr().err == (
        f"error: {here}/build/development/edge/haproxy.cfg: changed\n  next: run `toolkit render`\n"
    )


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("words", "code", "where"),
    [
        (["validate", "--env", "prod"], 2, "--env"),
        (["render", "--nope"], 2, "command line"),
        (["status"], 3, f"Docker Engine at {NO_ENGINE}"),
        (["render", "--check"], 4, "compose.yaml"),
    ],
)
@pytest.mark.parametrize("option", [["--output", "json"], ["--output=json"], ["-o", "json"], ["-ojson"]])
def test_errors_are_json_where_json_was_asked_for(
    words: list[str], code: int, where: str, option: list[str], capsys: Captured
) -> None:
    assert run([*words, *option]) == code

    out, err = capsys.readouterr()
    found = json.loads(out)
    assert found["exit_code"] == code
    assert set(found["problems"][0]) == {"where", "what", "got", "next_step"}
    assert found["problems"][0]["where"].endswith(where)
    assert err.startswith("error: ")
