"""Bad input through the real command: exit code, what each message says, and that nothing is written."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.refusals import TOOLKIT, Said, only, refused, tree
from toolkit.resources import resource_dir


def refuse(project: Path, *words: str, text: str = "", code: int = 2) -> tuple[Said, ...]:
    """Return the problems of a verb in a project with `text` as its toolkit.yaml, which leaves no trace there."""
    (project / "toolkit.yaml").write_text(text)
    before = tree(project)
    problems = refused([TOOLKIT, *words, "--project-dir", str(project)], code)
    assert tree(project) == before
    return problems


def test_broken_yaml(tmp_path: Path) -> None:
    said = only(refuse(tmp_path, "render", text="services:\n  redis: {memory: 1GiB\n  edge: {port: 1}\n"))
    assert said == Said(
        "toolkit.yaml:2",
        "broken YAML: a bracket is not closed, or a comma is missing",
        "redis: {memory: 1GiB",
        "close it with ] or }, and add the comma",
    )


def test_everything_that_is_wrong_at_once(tmp_path: Path) -> None:
    text = (
        "on: {}\n"
        "environment: testing\n"
        "services:\n"
        "  redis:\n"
        "    memroy: 1GiB\n"
        "    idle_timeout: 12:30\n"
        "    cpus: 1.0\n"
        "    cpus: 2.0\n"
        "  edge: {port: many}\n"
    )
    problems = refuse(
        tmp_path, "validate", "--set=services.edge.port", "--set=services.redis.pids=x", text=text
    )
    assert [(said.where, said.what) for said in problems] == [
        ("--set", "there is no `=`"),
        ("toolkit.yaml:1", "`on` is true or false to some readers of YAML and text to others"),
        ("toolkit.yaml:6", "`12:30` is taken for a number in base 60 by YAML"),
        ("toolkit.yaml:8", "the key `cpus` is there twice: in line 7 and in line 8"),
    ]
    assert "--set services.redis.memory=2GiB" in problems[0].next_step
    problems = refuse(tmp_path, "validate", "--set=services.redis.pids=x", text=text.replace("on: {}\n", ""))
    assert [(said.where, said.what, said.got) for said in problems] == [
        ("--set services.redis.pids", "`services.redis.pids` has the wrong type", '"x" (text)'),
        ("toolkit.yaml:4", "unknown key `services.redis.memroy`", '"1GiB" (text)'),
        (
            "toolkit.yaml:5",
            "`12:30` is taken for a number in base 60 by YAML",
            "services.redis.idle_timeout: 12:30",
        ),
        ("toolkit.yaml:7", "the key `cpus` is there twice: in line 6 and in line 7", "services.redis.cpus"),
        ("toolkit.yaml:8", "`services.edge.port` has the wrong type", '"many" (text)'),
    ]
    assert problems[1].next_step.startswith("did you mean `services.redis.memory`? ")
    assert '"12:30" in quotes' in problems[2].next_step
    assert problems[4].next_step == "write a whole number from 1 to 65535"


def test_keys_that_resemble_nothing_are_told_from_what_is_known(tmp_path: Path) -> None:
    said = only(refuse(tmp_path, "validate", text="zzz: 1\n"))
    assert (said.where, said.what) == ("toolkit.yaml:1", "unknown key `zzz`")
    known, _, rest = said.next_step.partition("; ")
    assert known.startswith("known here: environment, hardware, preset, persona, strict, project, ")
    assert rest == "`toolkit profile schema` lists every key"


def test_a_wrong_type_is_told_at_the_layer_that_said_it(tmp_path: Path) -> None:
    installed(tmp_path)
    (tmp_path / "profiles/hardware/cpu.yaml").write_text("services:\n  redis:\n    health: {retries: many}\n")
    (tmp_path / "profiles/environments/testing.yaml").write_text(
        "services: {edge: {health: {retries: many}}}\n"
    )
    (tmp_path / "project/toolkit.yaml").write_text(
        "services:\n  mariadb:\n    health:\n      retries: many\n"
    )
    flag = "services.llm_fast.health.retries"
    argv = [str(tmp_path / "toolkit.sh"), "validate", "--env=testing", f"--set={flag}=many"]
    problems = refused([*argv, "--project-dir", str(tmp_path / "project")], 2)
    assert [(said.where, said.what) for said in problems] == [
        (f"--set {flag}", f"`{flag}` has the wrong type"),
        ("profiles/environments/testing.yaml:1", "`services.edge.health.retries` has the wrong type"),
        ("profiles/hardware/cpu.yaml:3", "`services.redis.health.retries` has the wrong type"),
        ("toolkit.yaml:4", "`services.mariadb.health.retries` has the wrong type"),
    ]
    assert {(said.got, said.next_step) for said in problems} == {
        ('"many" (text)', "write a whole number of at least 1")
    }


def installed(root: Path) -> None:
    """Make an installation of the toolkit whose profiles a test may change, started by toolkit.sh."""
    package = Path(sys.modules["toolkit"].__path__[0])
    shutil.copytree(package, root / "toolkit", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(resource_dir("profiles"), root / "profiles")
    (root / "project").mkdir()
    (root / "toolkit.sh").write_text(
        f'#!/bin/sh\nPYTHONPATH={root} exec {sys.executable} -P -m toolkit "$@"\n'
    )
    (root / "toolkit.sh").chmod(0o755)


def test_unknown_names(tmp_path: Path) -> None:
    problems = refuse(tmp_path, "render", "--env=prod", "--hardware=gpx")
    assert [(said.where, said.what) for said in problems] == [
        ("--env", "unknown environment `prod`"),
        ("--hardware", "unknown hardware `gpx`"),
    ]
    assert problems[0].next_step == "did you mean `production`? known: development, production, testing"
    assert problems[1].next_step.endswith("known: cpu, cpu-two-hosts, gpu, rtx-4000-ada-two-hosts, rtx-5090")


@pytest.mark.parametrize(
    ("words", "what", "next_step"),
    [
        (("frob",), "No such command 'frob'.", "toolkit --help"),
        (("keys", "frob"), "No such command 'frob'.", "toolkit keys --help"),
        (("keys", "add"), "Missing argument 'name'.", "toolkit keys add --help"),
        (("up", "--bogus"), "No such option: --bogus", "toolkit up --help"),
        (("up", "--wait=never"), "'never' is not one of 'edge', 'models'", "toolkit up --help"),
        (("--env=testing", "up"), "No such option: --env", "toolkit --help; options stand after the verb"),
    ],
)
def test_a_command_line_that_cannot_be_read(words: tuple[str, ...], what: str, next_step: str) -> None:
    said = only(refused([TOOLKIT, *words], 2))
    assert (said.where, said.next_step) == ("command line", next_step)
    assert what in said.what


@pytest.mark.parametrize("words", [(), ("keys",)], ids=["toolkit", "group"])
def test_no_verb_at_all_shows_the_help_and_nothing_else(words: tuple[str, ...]) -> None:
    done = subprocess.run([TOOLKIT, *words], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "")
    assert "Usage: toolkit" in done.stdout
