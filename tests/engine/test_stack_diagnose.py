"""Diagnose on the running stack: nothing false where all is well, and the cause first where something is not."""

from __future__ import annotations

import io
import json
import subprocess
import tarfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.engine import containers_of, docker, until
from tests.support.fake_hub import hanging_server
from tests.support.injections import full
from tests.support.stack import TOOLKIT

if TYPE_CHECKING:
    from tests.support.stack import Stack

pytestmark = pytest.mark.engine
# What this machine itself may be short of while others work on it.
MACHINE = {"host.pressure", "host.clock", "disk.pressure", "disk.data"}


def found(stack: Stack, *words: str, code: int | None = None) -> list[dict[str, Any]]:
    body = stack.toolkit("diagnose", "--output=json", *words, code=code).json
    return [one for one in body["findings"] if one["status"] not in {"pass", "skip"}]


def test_a_healthy_stack_has_nothing_to_read_but_one_line(stack: Stack) -> None:
    wrong = [one for one in found(stack) if one["check"] not in MACHINE]
    assert wrong == []
    ran = stack.toolkit("diagnose", *(word for name in sorted(MACHINE) for word in ("--skip", name)), code=0)
    (line,) = ran.out.splitlines()
    assert line.startswith(f"diagnose {stack.environment}: pass (")


def dead(stack: Stack) -> dict[str, int]:
    """Count the processes in each container that have ended and were never waited for."""
    names = containers_of(stack.project)
    return {name: docker("top", name, "-eo", "pid,stat").count("Z") for name in names}


def test_nothing_is_left_behind_in_any_container(stack: Stack) -> None:
    """Who ends unburied counts against the limit of processes: a look a minute would stop MariaDB within days."""
    before = dead(stack)
    for words in (("diagnose",), ("smoke-test",), ("db", "indexes"), ("diagnose",)):
        stack.toolkit(*words, code=None)
    # One that has just ended may still be waiting for the first process of its container.
    until(lambda: dead(stack) == before, f"those that ended are gone; before: {before}", 10, 0.5)


def test_a_look_that_was_kept_is_judged_elsewhere_to_the_byte(stack: Stack, tmp_path: Path) -> None:
    kept = tmp_path / "look.json"
    live = stack.toolkit("diagnose", "--output=json", "--save", str(kept), code=None).out
    words = (TOOLKIT, "diagnose", "--replay", str(kept), "--output=json")
    nothing = {"PATH": "/nonexistent", "DOCKER_HOST": "unix:///nonexistent", "HOME": str(tmp_path)}
    again = subprocess.run(words, cwd=tmp_path, env=nothing, capture_output=True, text=True, check=False)
    assert again.stdout == live
    text = kept.read_text()
    assert stack.key() not in text
    assert [one.name for one in (stack.state / "secrets").iterdir() if one.read_text() in text] == []


def test_evidence_for_somebody_else_holds_no_secret(stack: Stack, tmp_path: Path) -> None:
    stack.toolkit("diagnose", "--bundle", str(tmp_path / "e.tar.gz"), code=None)
    with tarfile.open(tmp_path / "e.tar.gz") as archive:
        texts = {one.name: (archive.extractfile(one) or io.BytesIO()).read().decode() for one in archive}
    assert {"report.txt", "look.json", "rendered/compose.yaml", "logs/redis.log"} <= texts.keys()
    secrets = [one.read_text() for one in (stack.state / "secrets").iterdir()]
    assert [name for name, text in texts.items() if any(s in text for s in (*secrets, stack.key()))] == []


def test_a_paused_service_is_the_root_of_what_it_does_to_others(stack: Stack) -> None:
    name = f"{stack.project}-redis-1"
    docker("pause", name)
    try:
        first, *rest = [one for one in found(stack, code=1) if one["check"] not in MACHINE]
    finally:
        docker("unpause", name)
    assert (first["check"], first["subject"], first["under"]) == ("container.paused", "redis", "")
    assert first["remedy"] == f"docker unpause {name}"
    assert [one["check"] for one in rest if not one["under"]] == []


def test_an_engine_that_hangs_costs_ten_seconds_at_most(stack: Stack) -> None:
    with hanging_server() as url:
        began = time.monotonic()
        ran = subprocess.run(
            (TOOLKIT, "diagnose", "--env", stack.environment, "--output=json"),
            cwd=stack.directory,
            env={"PATH": "/usr/bin:/bin", "DOCKER_HOST": url.replace("http", "tcp"), "HOME": "/root"},
            capture_output=True,
            text=True,
            check=False,
        )
        elapsed_s = time.monotonic() - began
    assert ran.returncode == 3, ran.stdout + ran.stderr
    assert json.loads(ran.stdout)["elapsed_s"] < 9
    # Ten seconds on a machine of its own; here others work beside it.
    assert elapsed_s < 20


def test_a_finding_is_cured_by_a_change_of_the_profile_and_comments_stay(stack: Stack) -> None:
    """The edge holds nearly all the memory that it may: the limit is raised, and nothing else changes."""
    profile = stack.directory / "toolkit.yaml"
    before = profile.read_text()
    commented = before + "# ours\n"
    profile.write_text(commented)
    words = ("container.memory-use", "--fix", "--output=json")
    try:
        with full("edge", 222, stack):
            # It takes it piece by piece.
            until(lambda: found(stack, "container.memory-use") != [], "the edge is full", 60, 0.5)
            refused = stack.toolkit("diagnose", *words, code=2)
            assert "here is no terminal" in refused.err
            assert profile.read_text() == commented
            cured = stack.toolkit("diagnose", *words, "--yes", code=0)
        assert "--fix: cured: container.memory-use/edge is gone" in cured.err
        changed = [line for line in profile.read_text().splitlines() if line not in commented.splitlines()]
        assert len(changed) == 1
        assert f"+{changed[0]}" in cured.err.splitlines()
        assert "# ours" in profile.read_text()
    finally:
        profile.write_text(before)
        stack.up()
