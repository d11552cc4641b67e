"""Trials side by side: in order within a group, tried again where slow, told where late or refused."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

from tests.support.plans import plan
from toolkit.clock import Deadline
from toolkit.errors import EngineError, Problem
from toolkit.facts import TrialFact
from toolkit.planning.trials import CHAT, MODELS
from toolkit.routines.trying import Trial, try_all

TARGETS = plan().targets


def taking(*seconds: float, name: str = MODELS, subject: str = "edge") -> tuple[Trial, list[float]]:
    left, made = list(seconds), []

    def act(_: Deadline) -> Sequence[TrialFact]:
        made.append(left.pop(0))
        return (TrialFact(name, subject, made[-1], 200),)

    return Trial(name, subject, act), made


def test_the_quickest_of_three_counts() -> None:
    trial, made = taking(0.5, 0.02)
    (fact,) = try_all([[trial]], TARGETS, Deadline.after(5))
    assert (fact.elapsed_s, made) == (0.02, [0.5, 0.02])
    slow, tries = taking(0.5, 0.3, 0.4)
    (fact,) = try_all([[slow]], TARGETS, Deadline.after(5))
    assert (fact.elapsed_s, len(tries)) == (0.3, 3)


def test_what_is_refused_is_told_and_not_tried_again() -> None:
    def act(_: Deadline) -> Sequence[TrialFact]:
        raise EngineError(Problem("mariadb", "the trial is refused", "ERROR 1290"))

    (fact,) = try_all([[Trial(CHAT, "general", act)]], TARGETS, Deadline.after(5))
    assert fact.refusal == "the trial is refused: ERROR 1290"


def test_one_that_hangs_costs_itself_and_those_behind_it() -> None:
    held = threading.Event()

    def hang(_: Deadline) -> Sequence[TrialFact]:
        held.wait(20)
        return ()

    quick, _ = taking(0.01)
    behind, _ = taking(0.01, name=CHAT)
    began = time.monotonic()
    facts = try_all([[Trial(CHAT, "fast", hang), behind], [quick]], TARGETS, Deadline.after(1.0))
    held.set()
    assert time.monotonic() - began < 5
    assert [(f.subject, f.refusal) for f in facts] == [
        ("fast", "no answer in time"),
        ("edge", "no answer in time"),
        ("edge", ""),
    ]
