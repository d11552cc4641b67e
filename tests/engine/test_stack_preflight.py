"""Preflight on the real machine: a healthy one in one line, and each obstacle by its own name."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.fake_hub import hanging_server
from tests.support.refusals import on_engine, only, refuse, tree
from tests.support.stack import OFF, Stack

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.engine
LISTEN = (
    "import socket, sys; s = socket.create_server(('127.0.0.1', int(sys.argv[1]))); print(); sys.stdin.read()"
)
# More than any kernel gives: fs.nr_open stands above it.
TOO_MANY = "ulimits: {nofile: {soft: 2000000000, hard: 2000000000}}\n"


@pytest.fixture
def project(tmp_path: Path) -> Stack:
    """A project of testing with the data stores and the edge's models, never up."""
    (tmp_path / "project").mkdir()
    return Stack(tmp_path / "project", "testing")


def report(project: Stack, *words: str, code: int | None) -> Any:
    return project.toolkit("preflight", "--output=json", *words, code=code).json


def found(body: Any, *statuses: str) -> list[Mapping[str, Any]]:
    return [one for one in body["findings"] if one["status"] in statuses]


@pytest.mark.quiet
def test_a_machine_that_is_ready_is_told_in_one_line_and_left_alone(project: Stack) -> None:
    before = tree(project.directory), on_engine(project.project)
    body = report(project, code=0)
    assert found(body, "fail", "error") == []
    assert body["elapsed_s"] < 10
    said = project.toolkit("preflight").out.splitlines()
    # Whatever else is at home on this machine may take memory that is only warned of.
    warnings = found(body, "warn")
    assert len(said) == 1 or warnings
    assert said[-1].startswith(f"preflight testing: {'warn' if warnings else 'pass'} (")
    assert (tree(project.directory), on_engine(project.project)) == before


def test_a_taken_port_and_impossible_memory_are_told_together(project: Stack) -> None:
    argv = (sys.executable, "-c", LISTEN, str(project.port))
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"\n"
        body = report(project, "--set=hosts.local.memory=900GiB", code=1)
        name = Path(f"/proc/{process.pid}/comm").read_text().strip()
        process.communicate()
    failed = {one["check"]: one for one in found(body, "fail")}
    assert set(failed) == {"port.free", "host.memory"}
    assert failed["port.free"]["cause"] == f"held by {name} (pid {process.pid})"
    assert failed["host.memory"]["expected"] == f"{900 * 1024} MiB, as hosts.local.memory says"


def test_a_ulimit_that_the_engine_cannot_set_is_told_in_its_own_words(project: Stack) -> None:
    (project.directory / "compose").mkdir()
    (project.directory / "compose" / "redis.patch.yaml").write_text(TOO_MANY)
    profile = project.directory / "toolkit.yaml"
    profile.write_text(profile.read_text() + "patches: [redis]\n")

    (finding,) = found(report(project, code=1), "fail")
    assert finding["check"] == "engine.ulimits"
    assert finding["subject"] == "redis: nofile=2000000000:2000000000"
    assert "rlimit" in finding["cause"]

    said = only(refuse(project, "up"))
    assert (said.where, said.got) == (finding["subject"], finding["cause"])


@pytest.mark.quiet
def test_a_hub_that_hangs_costs_its_own_part_only(project: Stack) -> None:
    with hanging_server() as url:
        project.sets.append("services.llm_fast.enabled=false")
        project.sets.append("services.llm_general.model=qwen3-0.6b")
        project.sets.append(f"services.llm_general.environment.HF_ENDPOINT={url}")
        body = report(project, code=1)
    assert body["elapsed_s"] < 10
    (failed,) = found(body, "fail")
    assert (failed["check"], failed["cause"]) == ("hub.reach", "it does not answer")
    assert found(body, "error") == []


def test_up_goes_on_without_a_preflight_until_the_engine_refuses(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    project = Stack(tmp_path / "project", llm_general=OFF, llm_fast=OFF, mariadb=OFF, prometheus=OFF)
    try:
        project.sets.append("hosts.local.memory=900GiB")
        refused = project.toolkit("up", "--output=json", code=1)
        assert [one["where"] for one in json.loads(refused.out)["problems"]] == ["local"]
        project.up("--no-preflight", "--set=services.redis.memory=256MiB")
    finally:
        project.remove()
