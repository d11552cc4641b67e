"""The help of every verb, and the completion of shells."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from tests.support.command import toolkit
from toolkit.cli.app import application, run
from toolkit.cli.verbs import ROOMS, rooms_for


def verbs(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every verb below `command`: its words, and the command itself."""
    for name, child in getattr(command, "commands", {}).items():
        yield from verbs(child, (*path, name))
    if not hasattr(command, "commands"):
        yield path, command


COMMANDS = dict(verbs(typer.main.get_command(application())))
VERBS = sorted(COMMANDS)
OPTIONS = (
    *("--env", "--hardware", "--persona", "--host", "--set", "--project-dir", "--output"),
    *("--strict", "--quiet", "--verbose", "--no-color"),
)


def test_these_are_the_verbs() -> None:
    assert [" ".join(words) for words in VERBS] == [
        "bench",
        "checks explain",
        "checks list",
        "db indexes",
        "diagnose",
        "diff",
        "down",
        "explain",
        "health-check",
        "images build",
        "images list",
        "init",
        "keys add",
        "keys list",
        "keys revoke",
        "logs",
        "migrate",
        "plan",
        "preflight",
        "profile facts",
        "profile list",
        "profile override",
        "profile schema",
        "profile show",
        "releases",
        "render",
        "report compare",
        "report list",
        "report schema",
        "report show",
        "restart",
        "rollback",
        "smoke-test",
        "start",
        "status",
        "stop",
        "up",
        "validate",
        "warmup",
    ]


@pytest.mark.parametrize("words", VERBS, ids=" ".join)
def test_every_verb_explains_itself_with_an_example(
    words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "200")

    assert run([*words, "--help"]) == 0

    out, err = capsys.readouterr()
    assert err == ""
    assert f"Usage: toolkit {' '.join(words)} [OPTIONS]" in out
    assert f"Example: toolkit {' '.join(words)}" in out
    for option in OPTIONS:
        assert option in out, f"{option} is missing"


@pytest.mark.parametrize("words", VERBS, ids=" ".join)
def test_every_example_can_be_typed(words: tuple[str, ...]) -> None:
    command = COMMANDS[words]
    (example,) = (line for line in command.help.splitlines() if "Example: " in line)
    typed = shlex.split(example.partition("Example: toolkit ")[2].partition(" > ")[0])

    assert tuple(typed[: len(words)]) == words
    assert command.make_context("toolkit", typed[len(words) :]).args == []


def test_h_is_short_for_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["-h"]) == 0
    assert "Exit codes: 0 done, 1 blocked" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_can_be_taught_to_complete(shell: str, tmp_path: Path) -> None:
    said = toolkit(cwd=tmp_path, _TOOLKIT_COMPLETE=f"source_{shell}")

    assert (said.code, said.err) == (0, "")
    assert "toolkit" in said.out
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=said.out, text=True, check=True)


SHARE = "services.redis.maxmemory_share"


@pytest.mark.parametrize(
    ("line", "word", "offered"),
    [
        ("toolkit re", 1, ["render", "restart", "releases", "report"]),
        ("toolkit keys re", 2, ["revoke"]),
        ("toolkit up --wait ", 3, ["edge", "models"]),
        ("toolkit render --che", 2, ["--check"]),
        ("toolkit render --env te", 3, ["testing"]),
        ("toolkit render --hardware cp", 3, ["cpu", "cpu-two-hosts"]),
        ("toolkit up --persona ", 3, ["data-analyst", "multi-tasker", "speed-runner"]),
        ("toolkit up --set services.redis.maxmemory_s", 3, [f"{SHARE}=", f"{SHARE}_persistent="]),
        ("toolkit up --set logs", 3, ["logs.max_size=", "logs.max_files="]),
        ("toolkit up --set ru", 3, ["run_as.uid=", "run_as.gid="]),
        ("toolkit up --set no.such", 3, []),
        # Without a toolkit.yaml nothing is planned yet: the keys of the schema.
        ("toolkit explain services.redis.maxmemory_s", 2, [SHARE, f"{SHARE}_persistent"]),
        ("toolkit profile override templates/m", 3, ["templates/mariadb/my.cnf.j2"]),
        ("toolkit profile override compose/red", 3, ["compose/redis.yaml"]),
    ],
)
def test_bash_is_offered_what_fits(line: str, word: int, offered: list[str], tmp_path: Path) -> None:
    said = toolkit(cwd=tmp_path, _TOOLKIT_COMPLETE="complete_bash", COMP_WORDS=line, COMP_CWORD=str(word))

    assert said.out.split() == offered
    assert (said.code, said.err) == (0, "")


def test_the_numbers_of_releases_are_offered(tmp_path: Path) -> None:
    for number in (2, 11, 12):
        kept = tmp_path / ".toolkit" / "testing" / "releases" / str(number)
        kept.mkdir(parents=True)
        (kept / "release.json").touch()
    told = {"COMP_WORDS": "toolkit rollback 1", "COMP_CWORD": "2"}
    assert toolkit(cwd=tmp_path, _TOOLKIT_COMPLETE="complete_bash", **told).out.split() == ["12", "11"]


def test_a_run_loads_the_room_of_its_verb_and_no_other() -> None:
    known = {words[0] for words in VERBS}
    assert {verb for verbs_of_room in ROOMS.values() for verb in verbs_of_room} == known
    for room, verbs_of_room in ROOMS.items():
        for verb in verbs_of_room:
            assert rooms_for([verb, "--help"]) == (room,)
            alone = dict(verbs(typer.main.get_command(application([verb]))))
            assert verb in {words[0] for words in alone}


@pytest.mark.parametrize("argv", [(), ("--help",), ("no-such-verb",), ("--quiet", "up")])
def test_without_a_verb_all_of_them_are_known(argv: tuple[str, ...]) -> None:
    assert rooms_for(argv) == tuple(ROOMS)
