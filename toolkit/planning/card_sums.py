"""What all model servers of one card take of it together, whoever said the share of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from toolkit.errors import Problem
from toolkit.values import Value

# Sums of shares that people write as decimal fractions.
_ROUNDING = 1e-9


class CardSum(Value):
    """A card of a host, and the share that each section takes of it (--gpu-memory-utilization)."""

    host: str
    index: int
    shares: Mapping[str, float]

    @property
    def total(self) -> float:
        """What they take together; vLLM's flag counts the whole card, not what is free."""
        return sum(self.shares.values())


def overdrawn(sums: Sequence[CardSum]) -> tuple[Problem, ...]:
    """Return a problem for each card that is promised more than once: the last server finds too little free memory."""
    return tuple(
        _problem(one, "its model servers take more than the whole card", "lower one of these flags")
        for one in sums
        if one.total > 1 + _ROUNDING
    )


def crowded(sums: Sequence[CardSum], warn_above: float) -> tuple[Problem, ...]:
    """Return a warning for each card of which more than `warn_above` is taken: drivers and other programs need some."""
    return tuple(
        _problem(
            one,
            f"more than {warn_above:.0%} of this card is planned",
            "lower gpu.memory_utilization or one of these flags, or raise gpu.warn_above",
        )
        for one in sums
        if warn_above + _ROUNDING < one.total <= 1 + _ROUNDING
    )


def _problem(one: CardSum, what: str, step: str) -> Problem:
    rows = [(f"services.{key}.flags.gpu_memory_utilization", share) for key, share in one.shares.items()]
    rows.append(("together", one.total))
    width = max(len(name) for name, _ in rows)
    table = "\n".join(f"{name:{width}}  {share:g}" for name, share in rows)
    return Problem(f"hosts.{one.host}.gpus[{one.index}]", what, table, step)
