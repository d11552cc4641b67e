"""A line of a log, asked of one check: what it makes of it, of nothing, and of a service that is well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.findings import ask
from tests.support.plans import plan as testing_plan
from toolkit.checking import Finding, Status
from toolkit.facts import ContainerFact, LogFact, Unavailable

if TYPE_CHECKING:
    from toolkit.checking import Check

MODEL = "llm-general"


def container(service: str = MODEL, state: str = "restarting", **more: Any) -> ContainerFact:
    """Return a container that ended with 1, or whatever is said."""
    known: dict[str, Any] = {"exit_code": 0 if state == "running" else 1}
    return ContainerFact(service, "c0ffee", f"llm-testing-{service}-1", state, **{**known, **more})


def read_line(check: Check, *lines: str, service: str = MODEL, **parts: Any) -> Finding:
    """Return the one finding of `check` on a service that printed `lines` and ended."""
    parts.setdefault("containers", (container(service),))
    (found,) = ask(check, testing_plan(machine="rtx-5090"), logs=(LogFact(service, lines),), **parts)
    assert found.subject == service
    assert found.remedy
    return found


def agrees(check: Check, service: str, line: str, cause: str, remedy: str) -> None:
    """Assert that a line is read so by `check`; and that it says nothing of a quiet log, ERROR of one unseen."""
    found = read_line(check, line, service=service)
    assert cause in found.cause, found.cause
    assert remedy in found.remedy, found.remedy
    assert found.status in {Status.FAIL, Status.WARN}
    assert line.strip() in found.evidence
    quiet = LogFact(service, ("Server started, listening", "ready for connections"))
    assert ask(check, testing_plan(), logs=(quiet,), containers=(container(service),)) == ()
    (blind,) = ask(check, testing_plan(), logs=Unavailable("dark"), containers=())
    assert blind.status is Status.ERROR
