"""A trial as a finding: went it as it should, and in time; what the checks of trials share."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Status
from toolkit.planning.trials import limit_of, optional
from toolkit.snapshot import known
from toolkit.verdicts import milliseconds

if TYPE_CHECKING:
    from toolkit.facts import TrialFact
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot


def trial_findings(plan: Plan, seen: Snapshot, names: Collection[str], remedy: str) -> Iterator[Finding]:
    """Yield a finding for each trial of these names; `remedy` is for one that went wrong."""
    for fact in known(seen.trials):
        if fact.name in names:
            yield _finding(plan, fact, remedy.format(subject=fact.subject))


def _finding(plan: Plan, fact: TrialFact, remedy: str) -> Finding:
    limit_s = limit_of(fact.name, fact.subject, plan.targets)
    subject, expected = f"{fact.subject}: {fact.name}", f"< {milliseconds(limit_s)}"
    if fact.refusal:
        return Finding(subject, Status.FAIL, fact.refusal, expected, remedy=remedy)
    if fact.status == 400 and optional(fact.name):
        return Finding(subject, Status.SKIP, "the model cannot do it", cause=fact.answer)
    took = milliseconds(fact.elapsed_s)
    if fact.elapsed_s > limit_s:
        slow = f"{took}, the best of three"
        return Finding(subject, Status.FAIL, slow, expected, remedy="toolkit health-check shows what is busy")
    return Finding(subject, Status.PASS, took, expected, evidence=(fact.answer,) if fact.answer else ())
