"""A rule: a class of error texts, the facts that speak for and against a cause of it, and what to do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from toolkit.findings import Change, Status
from toolkit.snapshot import Need

if TYPE_CHECKING:
    from toolkit.diagnosis.lines import Line
    from toolkit.diagnosis.scene import Scene

TOLD = frozenset({Need.LOGS, Need.CONTAINERS})
"""What every reading of evidence needs."""
# What a rule may look at beside the text; a part that could not be seen speaks neither for nor against.
EVIDENCE = frozenset(
    {
        Need.HOST,
        Need.DISKS,
        Need.ENGINE,
        Need.CARDS,
        Need.CARD_STATES,
        Need.KERNEL,
        Need.PORTS,
        Need.SYSCTLS,
        Need.CACHE,
        Need.HUB,
        Need.NAMES,
        Need.CLOCK,
        Need.FILESYSTEMS,
        Need.ENDPOINTS,
        Need.REDIS,
    }
)


@dataclass(frozen=True, slots=True)
class Signal:
    """A fact that speaks for a cause (`weight` above 0) or against it, in words that a finding can show."""

    text: str
    weight: int


def speaks_for(text: str, weight: int = 1) -> Signal:
    """Return a fact that makes the cause likelier."""
    return Signal(text, weight)


def against(text: str, weight: int = 2) -> Signal:
    """Return a fact that makes the cause unlikely."""
    return Signal(text, -weight)


@dataclass(frozen=True, slots=True)
class Hit:
    """A line that a rule knows: whose it is, and what its pattern found in it, "" where a group found nothing."""

    subject: str
    line: Line
    words: Mapping[str, str]

    def number(self, name: str) -> float | None:
        """Return a group as a number, None where it is none."""
        try:
            return float(self.words.get(name, "").replace(",", ""))
        except ValueError:
            return None


Facts = Callable[["Hit", "Scene"], Iterable[Signal]]
Changes = Callable[["Hit", "Scene"], Iterable[Change]]


def _nothing(hit: Hit, scene: Scene) -> tuple[()]:
    del hit, scene
    return ()


@dataclass(frozen=True)
class Rule:
    """One possible cause of one class of errors.

    `says` is a regular expression, searched in each line; `cause` and `remedy` may name its groups in braces, and
    `{section}`, the service's section in a profile. `weight` is what the text alone is worth: 3 names the cause, 2
    means it as a rule, 1 leaves it open, 0 needs facts. `facts` look at the rest and speak for or against.
    `rejects` are the causes that people think of first, each with what speaks against it. `lasting` rules hold for a
    service that serves, too; the others tell why it did not start, which no longer matters then. `expected` is what
    should be, in short.
    """

    name: str
    says: str
    cause: str
    remedy: str
    weight: int = 2
    facts: Facts = _nothing
    changes: Changes = _nothing
    rejects: tuple[str, ...] = ()
    expected: str = ""
    status: Status = Status.FAIL
    lasting: bool = False
    services: str = ""
    """A pattern of the services that it can be about; "" for all."""

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """`says`, compiled; `^` and `$` are those of a line."""
        return re.compile(self.says, re.MULTILINE)

    def may_be_about(self, subject: str) -> bool:
        """Return whether the rule is about such a service at all."""
        return not self.services or re.search(self.services, subject) is not None
