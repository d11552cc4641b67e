"""Tries things as a user would: groups side by side, one after the other within a group, each under a limit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from toolkit.errors import Problem, ToolkitError
from toolkit.facts import TrialFact
from toolkit.planning.trials import limit_of
from toolkit.probes.side_by_side import side_by_side
from toolkit.values import replace

if TYPE_CHECKING:
    from toolkit.clock import Deadline
    from toolkit.planning.targets import Targets

MOST_TRIES = 3
_LONGEST_S = 6.0


@dataclass(frozen=True, slots=True)
class Trial:
    """What is tried of `subject`: `act` returns its facts, the first of them of this name."""

    name: str
    subject: str
    act: Callable[[Deadline], Sequence[TrialFact]]


def try_all(groups: Sequence[Sequence[Trial]], targets: Targets, deadline: Deadline) -> tuple[TrialFact, ...]:
    """Return the facts of all trials in their order; one that had no answer by `deadline` says so."""
    found: dict[tuple[str, str], Sequence[TrialFact]] = {}
    calls = {n: partial(_try_group, group, targets, deadline, found) for n, group in enumerate(groups)}
    side_by_side(calls, deadline)
    # Taken once: a trial that ends later must not change what is told.
    seen = dict(found)
    trials = [trial for group in groups for trial in group]
    return tuple(fact for one in trials for fact in seen.get((one.name, one.subject), (_late(one),)))


def _try_group(
    group: Sequence[Trial],
    targets: Targets,
    deadline: Deadline,
    found: dict[tuple[str, str], Sequence[TrialFact]],
) -> None:
    for trial in group:
        if deadline.passed:
            return
        found[trial.name, trial.subject] = _tried(trial, targets, deadline)


def _tried(trial: Trial, targets: Targets, deadline: Deadline) -> Sequence[TrialFact]:
    """Return what came of it; one that went well but slowly is tried again, the quickest counts.

    One slow answer may be anything, three in a row are a slow service.
    """
    best = _once(trial, deadline)
    for _ in range(MOST_TRIES - 1):
        if not _slow(best, targets):
            break
        again = _once(trial, deadline)
        if again[0].refusal:
            return again
        best = min(best, again, key=lambda facts: max(fact.elapsed_s for fact in facts))
    return best


def _slow(facts: Sequence[TrialFact], targets: Targets) -> bool:
    return any(not f.refusal and f.elapsed_s > limit_of(f.name, f.subject, targets) for f in facts)


def _once(trial: Trial, deadline: Deadline) -> Sequence[TrialFact]:
    within = deadline.within(_LONGEST_S)
    began = within.remaining_s()
    try:
        return trial.act(within)
    except ToolkitError as error:
        said = "; ".join(_said(problem) for problem in error.problems)
        return (TrialFact(trial.name, trial.subject, began - within.remaining_s(), refusal=said),)


def _said(problem: Problem) -> str:
    return ": ".join(part for part in (problem.what, problem.got) if part)


def _late(trial: Trial) -> TrialFact:
    return replace(TrialFact(trial.name, trial.subject, 0.0), refusal="no answer in time")
