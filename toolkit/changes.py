"""What differs between a report and an earlier one, told so that chance is not taken for change."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from toolkit.checking import Finding

ENOUGH_RUNS = 8
"""Of fewer runs than this nobody knows the spread well enough to tell one changed figure of many from chance."""


class Trend(StrEnum):
    """How a figure moved: better or worse where it is known which way is good, and by more than chance explains."""

    BETTER = "better"
    WORSE = "worse"
    MOVED = "moved"
    SAME = "within noise"
    UNKNOWN = "too few runs"


@dataclass(frozen=True, slots=True)
class FigureChange:
    """A figure of both reports; `low` to `high` is where chance alone would leave it, None with too few runs."""

    name: str
    before: float
    after: float
    trend: Trend
    low: float | None = None
    high: float | None = None

    @property
    def told(self) -> bool:
        """Whether it moved by more than chance explains."""
        return self.trend in {Trend.BETTER, Trend.WORSE, Trend.MOVED}


@dataclass(frozen=True, slots=True)
class FindingChange:
    """A finding that stands otherwise than before; None is one that the other report does not have."""

    before: Finding | None
    after: Finding | None

    @property
    def key(self) -> str:
        """Its check and subject."""
        found = self.after or self.before
        return found.key if found is not None else ""


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs since the report that was begun at `since`; `runs` is how many earlier ones the noise is from."""

    since: str
    runs: int
    findings: tuple[FindingChange, ...] = ()
    figures: tuple[FigureChange, ...] = ()
