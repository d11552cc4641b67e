"""Trials and watches made by hand, of a healthy stack unless a test says otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.findings import ask
from tests.support.plans import plan
from toolkit.facts import Series, TrialFact
from toolkit.planning.trials import limit_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.checking import Check, Finding
    from toolkit.planning.plan import Plan

SECONDS = 60


def trial(
    name: str, subject: str = "general", *, slow: bool = False, refusal: str = "", status: int = 200
) -> TrialFact:
    """Return a trial that took half of what it may, or twice that."""
    limit_s = limit_of(name, subject, plan().targets)
    return TrialFact(name, subject, limit_s * (2 if slow else 0.5), status, "8 tokens", refusal)


def judge_trials(check: Check, *facts: TrialFact) -> list[tuple[str, str, str]]:
    """Return status, subject and what was observed of each finding."""
    return [(str(f.status), f.subject, f.observed) for f in ask(check, trials=facts)]


def series(
    name: str, subject: str, values: Sequence[float | None], unit: str = "", *, over_s: float = SECONDS
) -> Series:
    """Return a series of these values, spread evenly over the watch."""
    step = over_s / max(1, len(values))
    return Series(name, subject, unit, tuple((n * step, value) for n, value in enumerate(values)))


def watched(check: Check, *seen: Series, of: Plan | None = None) -> dict[str, Finding]:
    """Return what a check finds in a watch that saw these series, by subject."""
    return {found.subject: found for found in ask(check, of, series=seen)}


def statuses(found: dict[str, Finding]) -> dict[str, str]:
    """Return the status of each subject as a word."""
    return {subject: str(finding.status) for subject, finding in found.items()}
