"""container.down: a symptom, with the first error of the innermost process as its lead."""

from __future__ import annotations

import pytest

from tests.support.findings import ask
from tests.support.readings import container
from toolkit.checking import Status
from toolkit.checks.container_down import container_down
from toolkit.facts import ContainerFact, LogFact, Unavailable

LOG = (
    "(APIServer pid=1) INFO starting",
    "(EngineCore_0 pid=40) ERROR something odd: the flux is low",
    "(APIServer pid=1) RuntimeError: Engine core initialization failed. See root cause above. Failed core proc(s): {}",
)


def test_the_innermost_error_leads_and_wrappers_never_do() -> None:
    (found,) = ask(
        container_down, containers=(container(restart_count=5),), logs=(LogFact("llm-general", LOG),)
    )
    assert found.status is Status.FAIL
    assert found.observed == "ended with exit code 1, 5 restarts; it ends over and over"
    assert found.cause == LOG[1]


@pytest.mark.parametrize(
    ("one", "status", "observed"),
    [
        (container(state="running", health="unhealthy"), Status.FAIL, "runs, but its health check fails"),
        (container(state="created", error="no"), Status.FAIL, "was created and never started"),
        (container(state="exited", exit_code=0), Status.WARN, "ended with exit code 0"),
    ],
)
def test_how_it_stands(one: ContainerFact, status: Status, observed: str) -> None:
    (found,) = ask(container_down, containers=(one,), logs=())
    assert (found.status, found.observed) == (status, observed)


def test_exit_code_0_can_be_a_crash() -> None:
    one = container(state="exited", exit_code=0)
    (found,) = ask(container_down, containers=(one,), logs=(LogFact("llm-general", LOG),))
    assert found.status is Status.FAIL


def test_who_runs_is_not_named_and_dark_is_an_error() -> None:
    assert ask(container_down, containers=(container(state="running", health="healthy"),), logs=()) == ()
    found = ask(container_down, containers=Unavailable("dark"), logs=())
    assert [one.status for one in found] == [Status.ERROR]
