"""What one request of a load came to, and what all of them come to together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from toolkit.confidence import quantile

CLIENT_LIMIT = 0.8
"""The share of one core from which on the client itself is what is measured: it reads in one thread."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One request; times are seconds since the load began.

    `intended_s` is when it should have begun: in an open loop a client that was held up begins later, and whoever
    waited for it has waited all the same. `arrivals_s` are the times of the tokens as they came; `tokens` is the
    server's own count where it told one. `error` is the class of what went wrong, "" for nothing: `connect`, `timeout`,
    `cut` (a stream without its end), `unanswered` (the load was over), `broken`, or `http-503`.
    """

    intended_s: float
    began_s: float
    ended_s: float
    status: int = 0
    error: str = ""
    arrivals_s: tuple[float, ...] = ()
    tokens: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def first_token_s(self) -> float | None:
        """Seconds from when it should have begun to its first token, None without one."""
        return self.arrivals_s[0] - self.intended_s if self.arrivals_s else None

    @property
    def total_s(self) -> float:
        """Seconds from when it should have begun to its end."""
        return self.ended_s - self.intended_s

    @property
    def tokens_per_s(self) -> float | None:
        """Tokens per second from the first to the last, None for fewer than two.

        Where most of them were read together nobody knows when each came: then it is that of the whole answer.
        """
        if self.tokens < 2 or self.total_s <= 0:
            return None
        if len({round(at, 3) for at in self.arrivals_s}) < max(2, self.tokens / 2):
            return self.tokens / self.total_s
        return (self.tokens - 1) / (self.arrivals_s[-1] - self.arrivals_s[0])

    @property
    def gaps_s(self) -> tuple[float, ...]:
        """Seconds between one token and the next."""
        return tuple(after - before for before, after in pairwise(self.arrivals_s))


@dataclass(frozen=True)
class Measured:
    """All samples of a load that count, the seconds that they took, and the client's share of one core meanwhile."""

    samples: tuple[Sample, ...]
    elapsed_s: float
    client_cpu: float = 0.0

    @property
    def trustworthy(self) -> bool:
        """Whether the server was measured, and not the client."""
        return self.client_cpu <= CLIENT_LIMIT

    @cached_property
    def errors(self) -> dict[str, int]:
        """How many requests failed, by class."""
        return dict(Counter(sample.error for sample in self.samples if sample.error))

    @cached_property
    def answered(self) -> tuple[Sample, ...]:
        """The requests that did not fail."""
        return tuple(sample for sample in self.samples if not sample.error)

    @cached_property
    def first_tokens_s(self) -> tuple[float, ...]:
        """Times to the first token, sorted."""
        return tuple(sorted(t for s in self.answered if (t := s.first_token_s) is not None))

    @cached_property
    def gaps_s(self) -> tuple[float, ...]:
        """Times between tokens, over all streams, sorted."""
        return tuple(sorted(gap for sample in self.answered for gap in sample.gaps_s))

    @cached_property
    def totals_s(self) -> tuple[float, ...]:
        """Times to the end of the answer, sorted."""
        return tuple(sorted(sample.total_s for sample in self.answered))

    @cached_property
    def stream_rates(self) -> tuple[float, ...]:
        """Tokens per second of each stream, sorted."""
        return tuple(sorted(found for s in self.answered if (found := s.tokens_per_s) is not None))

    @property
    def tokens_per_s(self) -> float:
        """Tokens of all streams together in a second."""
        return sum(sample.tokens for sample in self.answered) / self.elapsed_s if self.elapsed_s else 0.0

    @property
    def requests_per_s(self) -> float:
        """Answered requests in a second."""
        return len(self.answered) / self.elapsed_s if self.elapsed_s else 0.0

    def figures(self) -> dict[str, float]:
        """Return what was measured by name, seconds and rates; what nothing was seen of is left out."""
        found = {
            "requests": float(len(self.samples)),
            "errors": float(sum(self.errors.values())),
            "requests_per_s": self.requests_per_s,
            "tokens_per_s": self.tokens_per_s,
            "client_cpu": self.client_cpu,
        }
        named = (("first_token", self.first_tokens_s), ("gap", self.gaps_s), ("total", self.totals_s))
        for name, values in named:
            found |= _spread(name, values)
        return found


def _spread(name: str, values: Sequence[float]) -> dict[str, float]:
    if not values:
        return {}
    shares = {f"{name}_p{q}_s": quantile(values, q / 100) for q in (50, 95, 99)}
    return {f"{name}_mean_s": sum(values) / len(values), **shares}
