"""Zipf's distribution: how often each of N things is asked for, and how many are asked for at all."""

from __future__ import annotations

from collections.abc import Sequence


def shares(keys: int, exponent: float) -> tuple[float, ...]:
    """Return the share of each rank: proportional to 1 / rank ** exponent."""
    weights = [rank**-exponent for rank in range(1, keys + 1)]
    total = sum(weights)
    return tuple(weight / total for weight in weights)


def expected_hit_rate(draws: int, of: Sequence[float]) -> float:
    """Return the share of `draws` that were drawn before, with nothing drawn at first: 1 − E[distinct] / draws."""
    distinct = sum(1 - (1 - share) ** draws for share in of)
    return 1 - distinct / draws


def draws_for(hit_rate: float, of: Sequence[float], step: int = 10_000) -> int:
    """Return how many draws it takes until that share of them is expected to have been drawn before."""
    draws = step
    while expected_hit_rate(draws, of) < hit_rate:
        draws += step
    return draws
