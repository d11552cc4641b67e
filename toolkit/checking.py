"""Checks and what they find: judging is pure, whoever looked."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from toolkit.diagnosis.order import placed
from toolkit.facts import Unavailable
from toolkit.findings import Change, Confidence, Finding, Status
from toolkit.linking import linked
from toolkit.snapshot import Need, Snapshot
from toolkit.values import replace

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan

__all__ = [
    "UNSEEN",
    "Change",
    "Check",
    "Confidence",
    "Finding",
    "Status",
    "Suite",
    "check",
    "judge",
    "needs_of",
]


UNSEEN = "could not look"
"""What is observed where nobody worded why: the cause says it."""


class Suite(StrEnum):
    """A selection of checks that is asked for by one verb."""

    PREFLIGHT = "preflight"
    DIAGNOSE = "diagnose"
    SMOKE = "smoke-test"
    HEALTH = "health-check"


Judge = Callable[["Plan", Snapshot], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Check:
    """One question: what it needs to be seen, in which suites it is asked, and how it judges.

    What it finds is the cause of what the checks in `explains` find of the same service, or of one that uses it: ids,
    or patterns such as `container.*`; after `=` of the same service only.
    `wants` is what makes it surer; it judges without that, too.
    """

    id: str
    title: str
    needs: frozenset[Need]
    suites: frozenset[Suite]
    judge: Judge
    explains: tuple[str, ...] = ()
    wants: frozenset[Need] = frozenset()

    @property
    def area(self) -> str:
        """The first part of the id."""
        return self.id.partition(".")[0]

    @property
    def explanation(self) -> str:
        """How it judges, in full: the docstring of its function."""
        return inspect.cleandoc(self.judge.__doc__ or "")


def check(
    id: str,  # noqa: A002 - the word of the field
    title: str,
    *,
    needs: Iterable[Need],
    suites: Iterable[Suite],
    explains: Iterable[str] = (),
    wants: Iterable[Need] = (),
) -> Callable[[Judge], Check]:
    """Return a decorator that makes a Check of a judging function; nothing is registered, files are found."""
    return lambda judge: Check(
        id, title, frozenset(needs), frozenset(suites), judge, tuple(explains), frozenset(wants)
    )


def needs_of(checks: Iterable[Check]) -> frozenset[Need]:
    """Return all that has to be looked at for `checks`, with what makes them surer."""
    return frozenset(need for one in checks for need in one.needs | one.wants)


def judge(checks: Iterable[Check], plan: Plan, seen: Snapshot) -> tuple[Finding, ...]:
    """Return what all checks find, worst first, otherwise in the order of the checks; what another finding explains
    comes behind that one.

    A check whose needs could not be looked at is not asked: it says ERROR for each of them, SKIP for what only
    another machine could tell.
    """
    asked = tuple(checks)
    found = [finding for one in asked for finding in _findings(one, plan, seen)]
    return linked(placed(found, plan, seen), {one.id: one.explains for one in asked}, plan)


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
        yield Finding(str(need), status, UNSEEN, cause=part.reason)
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
