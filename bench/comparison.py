"""Two series of times and what they mean together: a ratio or a difference, its spread and its goal."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

QUANTILES = (0.25, 0.5, 0.75, 0.9, 0.99)

Verdict = Literal["met", "MISSED", "no goal"]


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` (0 to 1) of `values` lie, interpolated between neighbours."""
    ordered = sorted(values)
    at = share * (len(ordered) - 1)
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (at - low) * (ordered[high] - ordered[low])


@dataclass(frozen=True, slots=True)
class Series:
    """All measured times of one side, in seconds."""

    name: str
    seconds: tuple[float, ...]

    def as_json(self) -> dict[str, Any]:
        """Return count and quantiles in seconds."""
        spread = {f"p{share * 100:.0f}_s": round(quantile(self.seconds, share), 6) for share in QUANTILES}
        return {"name": self.name, "count": len(self.seconds), **spread}


@dataclass(frozen=True, slots=True)
class Comparison:
    """Ours against a peer; `rounds` holds ours ÷ peer (`ratio`), or ours - peer in seconds (`added`).

    The figure is the median over the rounds: both sides of a round ran within moments of each other.
    """

    ours: Series
    peer: Series
    kind: Literal["ratio", "added"]
    rounds: tuple[float, ...]
    goal: float | None

    @property
    def figure(self) -> float:
        """The median over the rounds."""
        return median(self.rounds)

    @property
    def verdict(self) -> Verdict:
        """Whether the figure is within the goal."""
        if self.goal is None:
            return "no goal"
        return "met" if self.figure <= self.goal else "MISSED"

    def as_json(self) -> dict[str, Any]:
        """Return everything in plain numbers; an `added` figure and its goal are seconds."""
        return {
            "ours": self.ours.as_json(),
            "peer": self.peer.as_json(),
            "kind": self.kind,
            "figure": round(self.figure, 6),
            "figure_p25": round(quantile(self.rounds, 0.25), 6),
            "figure_p75": round(quantile(self.rounds, 0.75), 6),
            "rounds": len(self.rounds),
            "goal": self.goal,
            "verdict": self.verdict,
        }


def ratio(ours: Series, peer: Series, goal: float | None) -> Comparison:
    """Return ours ÷ peer, round by round; both series have one time for each round."""
    rounds = tuple(a / b for a, b in zip(ours.seconds, peer.seconds, strict=True))
    return Comparison(ours, peer, "ratio", rounds, goal)
