"""What healthy servers write, taken from a stack that served: no cause is found in it, whatever state it is read in."""

from __future__ import annotations

import json

import pytest

from tests.support.incidents import DATA
from tests.support.plans import plan
from tests.support.readings import container
from toolkit.checking import Status, Suite, judge
from toolkit.checks import of_suite
from toolkit.diagnosis.lines import Source, clean, first_error
from toolkit.facts import KernelFact, LogFact
from toolkit.snapshot import Snapshot

LOGS = {name: tuple(lines) for name, lines in json.loads((DATA / "healthy-logs.json").read_text()).items()}
# What official images and other releases print besides while they serve, and a kernel that loads a driver.
LINES = {name: tuple(lines) for name, lines in json.loads((DATA / "healthy-lines.json").read_text()).items()}
# Of the machine, not of the stack: the kernel that it was taken on does not overcommit.
NOTES = {"redis.work"}


@pytest.mark.parametrize(("state", "health"), [("running", "healthy"), ("restarting", None)])
def test_nothing_is_found_but_notes_about_the_machine(state: str, health: str | None) -> None:
    seen = Snapshot(
        "now",
        containers=tuple(container(one.name, state=state, health=health) for one in plan().started),
        logs=tuple(LogFact(name, lines) for name, lines in LOGS.items()),
        kernel=(),
        card_states=(),
    )
    said = judge(of_suite(Suite.DIAGNOSE), plan(), seen)
    loud = {one.check for one in said if one.status in {Status.FAIL, Status.WARN}}
    assert loud <= NOTES | ({"container.down"} if state == "restarting" else set())


@pytest.mark.parametrize("name", LOGS)
def test_no_line_reads_as_an_error(name: str) -> None:
    assert first_error(clean(LOGS[name], Source.LOG)) is None


@pytest.mark.parametrize("state", ["running", "restarting"])
@pytest.mark.parametrize(("name", "line"), [(name, line) for name, lines in LINES.items() for line in lines])
def test_a_line_of_a_healthy_server_names_no_cause(name: str, line: str, state: str) -> None:
    of_kernel = name == "kernel"
    seen = Snapshot(
        "now",
        containers=(container("redis" if of_kernel else name, state=state),),
        logs=() if of_kernel else (LogFact(name, (line,)),),
        kernel=(KernelFact(line),) if of_kernel else (),
        card_states=(),
    )
    said = judge(of_suite(Suite.DIAGNOSE), plan(), seen)
    loud = {one.check: one.cause for one in said if one.status in {Status.FAIL, Status.WARN}}
    assert set(loud) <= {"container.absent", "container.down"}, loud
