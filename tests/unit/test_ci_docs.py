"""What docs and workflows say can be typed: CI files against their services' own schemas, each toolkit line parsed."""

from __future__ import annotations

import configparser
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

from toolkit.cli.app import application

ROOT = Path(__file__).parents[2]
CI = (ROOT / "docs" / "ci.md").read_text()
BLOCKS = re.findall(r"^```yaml\n(.*?)^```", CI, re.DOTALL | re.MULTILINE)
GITHUB, GITLAB = BLOCKS
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
_TOOLKIT = re.compile(r"(?<![.\w-])toolkit ([a-z][^;|&\n`]*)")


def check(schema: str, file: Path) -> None:
    argv = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(file)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_workflows_are_as_github_reads_them(file: Path) -> None:
    check("vendor.github-workflows", file)


def test_the_example_for_github_is_as_github_reads_it(tmp_path: Path) -> None:
    (tmp_path / "ci.yml").write_text("name: stack\non: [push]\n" + GITHUB)
    check("vendor.github-workflows", tmp_path / "ci.yml")


def test_the_example_for_gitlab_is_as_gitlab_reads_it(tmp_path: Path) -> None:
    (tmp_path / ".gitlab-ci.yml").write_text(GITLAB)
    check("vendor.gitlab-ci", tmp_path / ".gitlab-ci.yml")
    job = yaml.safe_load(GITLAB)["stack"]
    assert job["artifacts"]["reports"] == {"junit": ["*.xml"]}


def typed() -> list[str]:
    """Return every `toolkit …` line of the CI files and the schedules."""
    texts = [GITHUB, GITLAB, *(file.read_text() for file in WORKFLOWS)]
    texts.append((ROOT / "docs" / "schedule" / "crontab").read_text())
    lines = [line.partition("# ")[0] for text in texts for line in text.splitlines()]
    return sorted({found for line in lines for found in _TOOLKIT.findall(line)})


@pytest.mark.parametrize("line", typed())
def test_every_line_can_be_typed(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "reports").mkdir()
    given = [word for word in shlex.split(line) if word not in {"--project-dir", "$PROJECT"}]
    words = [word.removeprefix("$PROJECT/") for word in given]
    command: Any = typer.main.get_command(application())
    while hasattr(command, "commands"):
        command = command.commands[words.pop(0)]
    assert command.make_context("toolkit", words).args == []


def test_units_of_systemd_name_scripts_that_are_there() -> None:
    schedule = ROOT / "docs" / "schedule"
    for file in schedule.glob("*.timer"):
        unit = configparser.ConfigParser(interpolation=None)
        unit.optionxform = str  # type: ignore[assignment,method-assign]
        unit.read(file)
        name = unit["Timer"]["Unit"].removeprefix("toolkit@").removesuffix(".service")
        assert (ROOT / "scripts" / f"{name}.sh").exists()
        assert re.fullmatch(r"(Mon )?\*-\*-\* \d\d:\d\d:00", unit["Timer"]["OnCalendar"])
    assert "scripts/%i.sh" in (schedule / "toolkit@.service").read_text()


def test_lines_of_the_crontab_have_five_times_and_a_command() -> None:
    lines = (ROOT / "docs" / "schedule" / "crontab").read_text().splitlines()
    jobs = [line for line in lines if re.match(r"[\d*]", line)]
    assert len(jobs) == 5
    for job in jobs:
        assert re.match(r"(?:[\d*]+ ){5} ?\S", job)
        # cron takes a % for the end of the line.
        assert not re.search(r"(?<!\\)%", job)
