"""A service without a container, and a stack that is not up."""

from __future__ import annotations

from tests.support.findings import ask
from tests.support.plans import plan
from toolkit.checking import Status
from toolkit.checks.container_absent import container_absent
from toolkit.facts import ContainerFact


def facts(*names: str) -> tuple[ContainerFact, ...]:
    return tuple(ContainerFact(name, f"id-{name}", name, "running", "healthy") for name in names)


def test_all_are_there() -> None:
    (found,) = ask(container_absent, containers=facts(*(one.name for one in plan().started)))
    assert (found.status, found.subject) == (Status.PASS, plan().project)


def test_one_is_missing() -> None:
    found = ask(
        container_absent, containers=facts(*(one.name for one in plan().started if one.name != "redis"))
    )
    assert [(one.subject, one.status, one.remedy) for one in found] == [("redis", Status.FAIL, "toolkit up")]


def test_a_stack_that_is_not_up_is_told_once() -> None:
    (found,) = ask(container_absent, containers=())
    assert (found.status, found.observed) == (Status.FAIL, "none of its containers is there")
    assert "redis" in found.concerns
