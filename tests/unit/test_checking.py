"""Checks: found by looking, asked only when all they need was seen, and judged worst first."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.plans import plan
from toolkit.changes import Changes
from toolkit.checking import Check, Finding, Status, Suite, check, judge, needs_of
from toolkit.checks import all_checks, named, of_suite
from toolkit.clock import Deadline
from toolkit.errors import EngineError, Problem, UsageError
from toolkit.facts import HostFact, Unavailable
from toolkit.probes.observe import observe
from toolkit.report import Report, worst_exit_code
from toolkit.snapshot import PARTS, Need, Snapshot
from toolkit.values import replace
from toolkit.writers.json import report_json
from toolkit.writers.text import report_text

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan

HOST = HostFact(24576, 20000, 2, "6.1")
SEEN = Snapshot("2026-01-01T00:00:00+00:00", host=HOST)


@check("host.one", "One", needs={Need.HOST}, suites={Suite.PREFLIGHT})
def one(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    del plan
    assert isinstance(seen.host, HostFact)
    yield Finding("local", Status.PASS, f"{seen.host.cpus} cores")
    yield Finding("disk", Status.FAIL, "full", "1 GiB", "logs", "df -h\nthen remove some", ("/ 100%",))


@check("host.two", "Two", needs={Need.HOST, Need.HUB}, suites={Suite.DIAGNOSE})
def two(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    del plan, seen
    yield Finding("hub", Status.PASS, "answers")


def test_findings_come_worst_first_and_name_their_check() -> None:
    found = judge([one], plan(), SEEN)
    assert [(f.check, f.subject, f.status) for f in found] == [
        ("host.one", "disk", Status.FAIL),
        ("host.one", "local", Status.PASS),
    ]


def test_what_could_not_be_looked_at_is_an_error_and_no_judgement() -> None:
    blind = replace(SEEN, hub=Unavailable("no route"))
    (found,) = judge([two], plan(), blind)
    assert (found.subject, found.status, found.cause) == ("hub", Status.ERROR, "no route")
    (unasked,) = judge([two], plan(), SEEN)
    assert unasked.cause == "nobody looked"


def test_every_need_is_a_part_of_a_snapshot() -> None:
    assert sorted(need.value for need in Need) == sorted(PARTS)
    assert needs_of([one, two]) == {Need.HOST, Need.HUB}


def test_a_probe_that_fails_or_hangs_costs_its_own_part_only() -> None:
    release = threading.Event()

    def refuse(_: Deadline) -> object:
        raise EngineError(Problem("engine", "is away", "no socket"))

    def hang(_: Deadline) -> object:
        release.wait()
        return "too late"

    def divide(_: Deadline) -> object:
        return 1 // 0

    probes = {Need.HOST: lambda _: HOST, Need.ENGINE: refuse, Need.CARDS: hang, Need.CLOCK: divide}
    seen = observe([*probes, Need.HUB], probes, Deadline.after(1.0))
    release.set()

    assert seen.host == HOST
    problem = Problem("engine", "is away", "no socket")
    assert seen.engine == Unavailable("engine: is away: no socket", (problem,))
    assert seen.cards == Unavailable("no answer in time")
    assert seen.clock == Unavailable("ZeroDivisionError: integer division or modulo by zero")
    assert seen.hub == Unavailable("nothing here can look at it")
    assert seen.disks is None


@pytest.mark.parametrize(
    ("statuses", "strict", "verdict", "code"),
    [
        ((), False, Status.PASS, 0),
        ((Status.PASS, Status.WARN), False, Status.WARN, 0),
        ((Status.PASS, Status.WARN), True, Status.FAIL, 1),
        ((Status.WARN, Status.ERROR), False, Status.ERROR, 3),
        ((Status.ERROR, Status.FAIL), False, Status.FAIL, 1),
        ((Status.SKIP,), True, Status.SKIP, 0),
    ],
)
def test_the_worst_is_the_verdict(
    statuses: tuple[Status, ...], strict: bool, verdict: Status, code: int
) -> None:
    findings = tuple(Finding("x", status, "y") for status in statuses)
    report = Report("preflight", "testing", "now", 1.0, findings, strict=strict)
    assert (report.verdict, report.exit_code) == (verdict, code)


def test_people_read_what_is_wrong_and_machines_read_all() -> None:
    report = Report("preflight", "testing", SEEN.taken_at, 0.25, judge([one], plan(), SEEN))
    assert report_text(report) == (
        "FAIL  host.one  disk: full (expected: 1 GiB)\n"
        "      cause: logs\n"
        "      | / 100%\n"
        "      next: df -h\n"
        "            then remove some\n"
        "preflight testing: fail (1 fail, 1 pass; 0.2 s)"
    )
    assert "PASS  host.one  local: 2 cores" in report_text(report, verbose=True)
    body = report_json(report)
    assert (body["schema"], body["verdict"], body["exit_code"]) == (1, "fail", 1)
    assert body["findings"][0]["evidence"] == ("/ 100%",)


def test_what_several_checks_could_not_see_is_told_once() -> None:
    blind = replace(SEEN, hub=Unavailable("no route"))
    other = replace(two, id="host.other")
    report = Report("preflight", "testing", SEEN.taken_at, 0.25, judge([two, other], plan(), blind))
    assert report_text(report).splitlines() == [
        "ERROR host.two, host.other  hub: could not look",
        "      cause: no route",
        "preflight testing: error (2 error; 0.2 s)",
    ]


def test_what_hangs_is_told_once_whatever_was_asked() -> None:
    blind = replace(SEEN, host=Unavailable("no answer in time"), hub=Unavailable("no answer in time"))
    report = Report("diagnose", "testing", SEEN.taken_at, 8.0, judge([one, two], plan(), blind))
    assert report_text(report).splitlines()[:2] == [
        "ERROR host.one, host.two  host, hub: could not look",
        "      cause: no answer in time",
    ]


def test_a_problem_that_somebody_worded_keeps_its_words() -> None:
    problem = Problem("docker", "the docker command is not on PATH", "", "install it")
    blind = replace(SEEN, hub=Unavailable("docker: …", (problem,)))
    (found,) = judge([two], plan(), blind)
    assert (found.subject, found.status, found.observed, found.remedy) == (
        "docker",
        Status.ERROR,
        "the docker command is not on PATH",
        "install it",
    )


def test_every_check_has_a_test_and_says_how_it_judges() -> None:
    tests = {file.stem for file in Path(__file__).parent.glob("test_check_*.py")}
    for one in all_checks():
        assert "test_check_" + re.sub(r"[.-]", "_", one.id) in tests, one.id
        assert one.explanation, one.id


def test_several_reports_end_with_the_worst_code() -> None:
    def report(status: Status) -> Report:
        return Report("preflight", "testing", "now", 1.0, (Finding("x", status, "y"),))

    assert worst_exit_code([report(Status.PASS)]) == 0
    assert worst_exit_code([report(Status.ERROR), report(Status.PASS)]) == 3
    assert worst_exit_code([report(Status.ERROR), report(Status.FAIL)]) == 1


def test_an_unknown_check_is_refused_with_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"did you mean `port\.free`"):
        named("port.fre")


def test_checks_are_found_sorted_and_whole() -> None:
    checks = all_checks()
    assert [one.id for one in checks] == sorted({one.id for one in checks})
    assert all(one.suites and one.needs and one.title for one in checks)
    assert set(of_suite(Suite.PREFLIGHT)) <= set(checks)


@pytest.mark.parametrize("one", all_checks(), ids=lambda one: one.id)
def test_every_check_survives_what_could_not_be_seen(one: Check) -> None:
    blind = Snapshot("now", **dict.fromkeys(PARTS, Unavailable("dark")))
    found = judge([one], plan(), blind)
    assert {finding.status for finding in found} == {Status.ERROR}


def test_where_all_is_well_as_it_was_there_is_one_line_to_read() -> None:
    fine = Report("diagnose", "testing", SEEN.taken_at, 0.5, (Finding("x", Status.PASS, "y"),))
    assert report_text(replace(fine, changes=Changes("2026-01-01T00:00:00", 1))) == (
        "diagnose testing: pass (1 pass; 0.5 s)"
    )
    wrong = replace(
        fine, findings=(Finding("x", Status.WARN, "y"),), changes=Changes("2026-01-01T00:00:00", 1)
    )
    assert report_text(wrong).splitlines()[-1] == "since 2026-01-01 00:00:00: no change"
