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
from toolkit.facts import LogFact
from toolkit.snapshot import Snapshot

LOGS = {name: tuple(lines) for name, lines in json.loads((DATA / "healthy-logs.json").read_text()).items()}
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
