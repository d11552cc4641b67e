"""container.killed: 137 alone is a kill by anyone."""

from __future__ import annotations

from tests.support.findings import ask
from tests.support.readings import container
from toolkit.checking import Confidence, Status
from toolkit.checks.container_killed import container_killed
from toolkit.facts import Unavailable


def test_137_alone_is_a_kill_by_anyone() -> None:
    (found,) = ask(container_killed, containers=(container(exit_code=137),), kernel=())
    assert (found.status, found.confidence) == (Status.WARN, Confidence.POSSIBLE)
    assert any(text.startswith("memory: OOMKilled is false") for text in found.rejected)


def test_a_kill_for_memory_and_who_runs_again_are_not_named() -> None:
    assert ask(container_killed, containers=(container(exit_code=137, oom_killed=True),)) == ()
    well = container(state="running", health="healthy", exit_code=137)
    assert ask(container_killed, containers=(well,)) == ()


def test_dark_is_an_error() -> None:
    (found,) = ask(container_killed, containers=Unavailable("dark"))
    assert found.status is Status.ERROR
