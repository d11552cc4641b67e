"""The way a model server waits for another one, run by a real shell with a `curl` and a `vllm` of our own."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from toolkit.planning.gate import VARIABLE, gate
from toolkit.planning.start import Before

if TYPE_CHECKING:
    from pathlib import Path

# Each call takes one line of the file `answers`; with the last one it stays.
_CURL = """#!/bin/sh
line=$(head -n 1 answers); [ "$(wc -l < answers)" -gt 1 ] && sed -i 1d answers
echo "$*" >> asked
case $line in exit*) exit ${line#exit };; *) echo "$line";; esac
"""
_VLLM = '#!/bin/sh\nprintf "serves:"; printf " [%s]" "$@"; echo\n'
_NONE = 'vllm:request_success_total{finished_reason="stop",model_name="general"} 0.0'
_ONE = 'vllm:request_success_total{finished_reason="stop",model_name="general"} 1.0'


@pytest.fixture
def container(tmp_path: Path) -> Path:
    for name, text in (("curl", _CURL), ("vllm", _VLLM), ("sleep", "#!/bin/sh\n")):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    return tmp_path


def served(container: Path, *answers: str, limit_s: float = 60) -> list[str]:
    (container / "answers").write_text("\n".join(answers) + "\n")
    words, variables = gate({Before("llm-general", "general"): limit_s})
    environ = {**variables, "PATH": f"{container}:{os.environ['PATH']}"}
    argv = [*words, "/models/tiny", "--port", "8000"]
    done = subprocess.run(
        argv, cwd=container, env=environ, capture_output=True, text=True, timeout=120, check=True
    )
    return done.stdout.splitlines()


def test_it_serves_once_the_other_one_has_answered(container: Path) -> None:
    assert served(container, "exit 7", _NONE, _ONE) == [
        "waiting for llm-general, which loads first, at most 60 s",
        "serves: [serve] [/models/tiny] [--port] [8000]",
    ]
    asked = (container / "asked").read_text().splitlines()
    assert asked == ["-sf -m 3 http://llm-general:8000/metrics"] * 3


def test_another_model_s_answers_do_not_count(container: Path) -> None:
    said = served(container, _ONE.replace("general", "generals"), _ONE)
    assert said[-1].startswith("serves:")
    assert len((container / "asked").read_text().splitlines()) == 2


def test_it_goes_on_when_the_time_is_over(container: Path) -> None:
    assert served(container, "exit 7", limit_s=0)[1] == "llm-general has not answered: going on"


def test_the_variable_names_each_with_its_seconds() -> None:
    _, variables = gate({Before("llm-fast", "fast"): 300.4, Before("llm-fast-2", "fast"): 12.0})
    assert variables == {VARIABLE: "llm-fast=fast:300 llm-fast-2=fast:12"}
