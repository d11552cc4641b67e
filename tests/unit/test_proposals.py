"""What cannot be planned is refused with exit 2, its sum, and lines that plan once they are in toolkit.yaml."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.rendering import MACHINES
from toolkit.cli.app import run

Captured = pytest.CaptureFixture[str]
LITERAL = """\
services:
  api_server: {memory: 16GiB}
  chat_server: {memory: 8GiB}
  auth_server: {memory: 4GiB}
  mariadb: {memory: 64GiB}
  elasticsearch: {memory: 32GiB, enabled: true}
  redis: {memory: 16GiB}
"""
TWICE = """\
services:
  training_server: {on_demand: false}
"""
TOO_LONG = """\
services:
  llm_general: {flags: {max_model_len: 40960, max_num_seqs: auto}}
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TOOLKIT_ENV", "production")
    return tmp_path


def write(here: Path, *layers: str) -> None:
    """Write toolkit.yaml of the two hosts with what else is said, the later word in the place of the earlier one."""
    profile = yaml.safe_load((MACHINES / "two-hosts" / "toolkit.yaml").read_text())
    del profile["services"]
    for text in layers:
        profile = merged(profile, yaml.safe_load(text))
    (here / "toolkit.yaml").write_text(yaml.safe_dump(profile))


def merged(below: Any, above: Any) -> Any:
    if not (isinstance(below, dict) and isinstance(above, dict)):
        return above
    return {
        **below,
        **{key: merged(below[key], value) if key in below else value for key, value in above.items()},
    }


def refusal(capsys: Captured) -> dict[str, str]:
    assert run(["plan", "--output", "json"]) == 2
    body = json.loads(capsys.readouterr().out)
    assert body["exit_code"] == 2
    (problem,) = body["problems"]
    return dict(problem)


def proposed(problem: dict[str, str]) -> list[str]:
    """Return each way that is proposed, as YAML."""
    _, _, lines = problem["next_step"].partition("in toolkit.yaml")
    block = lines.partition("\n")[2]
    if "one of them" not in lines.partition("\n")[0]:
        return [block]
    head, *ways = block.splitlines()
    return [f"{head}\n{way}\n" for way in ways]


@pytest.mark.parametrize(
    ("said", "sum_of"),
    [
        (LITERAL, "together          140.0 GiB"),
        (TWICE, "together         200% of the card"),
        (TOO_LONG, "cache needs"),
    ],
    ids=["140 of 128 GiB", "a card twice", "a context too long"],
)
def test_each_proposal_plans(said: str, sum_of: str, here: Path, capsys: Captured) -> None:
    write(here, said)
    problem = refusal(capsys)
    assert sum_of in problem["got"]
    ways = proposed(problem)
    assert ways
    for way in ways:
        write(here, said, way)
        assert run(["plan", "--output", "json", "--quiet"]) == 0, way
        assert json.loads(capsys.readouterr().out)["warnings"] == []
