"""An engine behind ssh: what is deployed there from here arrives there, and works as on this machine."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.engine import execute
from tests.support.hosts import hosts
from tests.support.ssh_server import ssh_server
from tests.support.stack import LIMIT_S, OFF, Stack
from toolkit.settings.root import Services

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.hosts import Host

pytestmark = pytest.mark.engine


@pytest.fixture
def far() -> Iterator[Host]:
    with hosts("far") as (host,):
        yield host


def test_an_engine_behind_ssh(far: Host, tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    others: dict[str, Any] = {name: OFF for name in Services.model_fields if name != "redis"}
    stack = Stack(project, **others)
    stack.sets += [f"hosts.local.engine=ssh://root@{far.address}"]
    # Another machine has none of this one's files.
    assert far.run("mount", "-t", "tmpfs", "tmpfs", str(project)).returncode == 0
    with ssh_server(far, tmp_path) as programs:

        def toolkit(*words: str) -> str:
            ran = execute(
                "env", f"PATH={programs}:{os.environ['PATH']}", *stack.argv(*words), timeout_s=LIMIT_S
            )
            assert ran.returncode == 0, ran.stdout + ran.stderr + (tmp_path / "sshd.log").read_text()
            return ran.stdout

        assert "created redis; 1 of 1 services healthy" in toolkit("up")
        with far.meant():
            assert set(stack.lives()) == {"redis"}
        assert "nothing to change" in toolkit("up")
        assert "Ready to accept connections" in toolkit("logs", "redis")
        assert far.run("test", "-e", str(stack.state / "delivered-local")).returncode == 0
        assert far.run("test", "-e", str(stack.build / "compose.yaml")).returncode == 1
        assert "1 containers removed" in toolkit("down")
        assert not list(tmp_path.rglob("*.sock"))
