"""Checks and what they find: judging is pure, whoever looked."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from toolkit.facts import Unavailable
from toolkit.snapshot import Need, Snapshot

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan


class Status(StrEnum):
    """How something stands; ERROR means: could not look, which is neither good nor bad."""

    PASS = "pass"  # noqa: S105 - a status, no password
    SKIP = "skip"
    WARN = "warn"
    ERROR = "error"
    FAIL = "fail"


class Suite(StrEnum):
    """A selection of checks that is asked for by one verb."""

    PREFLIGHT = "preflight"
    DIAGNOSE = "diagnose"
    SMOKE = "smoke-test"
    HEALTH = "health-check"


class Confidence(StrEnum):
    """How sure a cause is: one signal may be a coincidence, two that agree are not."""

    CERTAIN = "certain"
    LIKELY = "likely"
    POSSIBLE = "possible"


@dataclass(frozen=True, slots=True)
class Change:
    """A remedy as one value of the profile: its key, such as `services.redis.memory`, and what shall stand there."""

    key: str
    value: str | int | float | bool


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check says of one subject (a service, a card, a directory), and what to do about it.

    `observed` and `expected` are short and comparable; `cause` says why where that is known; `remedy` is the next step
    as a command or a line of toolkit.yaml; `evidence` are the very lines or values that were seen. `changes` are the
    remedy for a program: `diagnose --fix` applies them. `rejected` are the causes that were weighed, each with what
    speaks against it. `under` is the `key` of the finding that is the cause of this one, "" for a root.
    """

    subject: str
    status: Status
    observed: str
    expected: str = ""
    cause: str = ""
    remedy: str = ""
    evidence: tuple[str, ...] = ()
    check: str = ""
    confidence: Confidence = Confidence.CERTAIN
    changes: tuple[Change, ...] = ()
    rejected: tuple[str, ...] = ()
    under: str = ""

    @property
    def key(self) -> str:
        """What names it in its report: check and subject."""
        return f"{self.check}/{self.subject}"


Judge = Callable[["Plan", Snapshot], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Check:
    """One question: what it needs to be seen, in which suites it is asked, and how it judges."""

    id: str
    title: str
    needs: frozenset[Need]
    suites: frozenset[Suite]
    judge: Judge

    @property
    def area(self) -> str:
        """The first part of the id."""
        return self.id.partition(".")[0]

    @property
    def explanation(self) -> str:
        """How it judges, in full: the docstring of its function."""
        return inspect.cleandoc(self.judge.__doc__ or "")


def check(id: str, title: str, *, needs: Iterable[Need], suites: Iterable[Suite]) -> Callable[[Judge], Check]:  # noqa: A002 - the word of the field
    """Return a decorator that makes a Check of a judging function; nothing is registered, files are found."""
    return lambda judge: Check(id, title, frozenset(needs), frozenset(suites), judge)


def needs_of(checks: Iterable[Check]) -> frozenset[Need]:
    """Return all that has to be looked at for `checks`."""
    return frozenset(need for one in checks for need in one.needs)


def judge(checks: Iterable[Check], plan: Plan, seen: Snapshot) -> tuple[Finding, ...]:
    """Return what all checks find, worst first, otherwise in the order of the checks.

    A check whose needs could not be looked at is not asked: it says ERROR for each of them, SKIP for what only
    another machine could tell.
    """
    found = [finding for one in checks for finding in _findings(one, plan, seen)]
    worst_first = list(reversed(Status))
    return tuple(sorted(found, key=lambda finding: worst_first.index(finding.status)))


def _findings(one: Check, plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    unseen = {need: part for need in sorted(one.needs) if isinstance(part := seen.part(need), Unavailable)}
    if unseen:
        for need, part in unseen.items():
            yield from (_of(finding, one.id) for finding in _unseen(need, part))
        return
    for finding in one.judge(plan, seen):
        yield _of(finding, one.id)


def _unseen(need: Need, part: Unavailable) -> Iterator[Finding]:
    status = Status.SKIP if part.elsewhere else Status.ERROR
    if not part.problems:
        yield Finding(str(need), status, "could not look", cause=part.reason)
    for problem in part.problems:
        yield Finding(
            problem.where or str(need),
            status,
            problem.what,
            cause=problem.got,
            remedy=problem.next_step,
        )


def _of(finding: Finding, check_id: str) -> Finding:
    return replace(finding, check=check_id)
