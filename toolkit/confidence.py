"""How sure a measured figure is: quantiles, intervals of 95 %, slopes and whether they are more than noise."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, median

_Z = NormalDist().inv_cdf(0.975)
_MOST_PAIRS = 400
_FEW = 10


def quantile(ordered: Sequence[float], q: float) -> float:
    """Return the value below which a share `q` of the sorted values lies, between two of them in proportion.

    The definition that numpy, Prometheus' summaries and vLLM's own benchmark use (Hyndman and Fan's 7th).
    """
    at = q * (len(ordered) - 1)
    low = math.floor(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % interval, infinite where the samples do not bound it, and the number of samples.

    `enough` says whether there are as many as this figure takes at the least.
    """

    value: float
    low: float
    high: float
    n: int
    enough: bool


def rate(hits: int, n: int, *, resolves: float) -> Estimate:
    """Return the share `hits` of `n` with Wilson's score interval.

    Enough is what can tell a share of `resolves` from none at all: 3 / n is the upper bound of a share of which nothing
    was seen (the rule of three). Source: Wilson 1927; Brown, Cai and DasGupta 2001.
    """
    if n == 0:
        return Estimate(0.0, 0.0, 1.0, 0, enough=False)
    share, z2 = hits / n, _Z * _Z
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    needed = 3 / min(resolves, 1 - resolves) if 0 < resolves < 1 else 1
    low = 0.0 if hits == 0 else max(0.0, centre - half)
    high = 1.0 if hits == n else min(1.0, centre + half)
    return Estimate(share, low, high, n, enough=n >= needed - 1e-9)


def percentile(values: Sequence[float], q: float) -> Estimate:
    """Return the quantile `q` with the interval of order statistics, which assumes nothing of the distribution.

    The number of values below the true quantile is binomial (n, q): the interval goes from the value at its 2.5 % point
    to that at its 97.5 % point, to infinity where there is none. Enough are 1 / (1 - q) values, 20 for a P95: below
    that it is the largest value by another name. Source: David and Nagaraja, Order Statistics, 7.1.
    """
    ordered, n = sorted(values), len(values)
    if n == 0:
        return Estimate(math.nan, -math.inf, math.inf, 0, enough=False)
    below = _binomial_point(n, q, 0.025)
    above = _binomial_point(n, q, 0.975)
    low = ordered[below - 1] if below >= 1 else -math.inf
    high = ordered[above] if above < n else math.inf
    needed = 1 / (1 - q) if q < 1 else n
    return Estimate(quantile(ordered, q), low, high, n, enough=n >= needed - 1e-9)


def mean(values: Sequence[float]) -> Estimate:
    """Return the mean with the interval of the normal distribution; enough are 5 values."""
    n = len(values)
    if n == 0:
        return Estimate(math.nan, -math.inf, math.inf, 0, enough=False)
    middle = sum(values) / n
    spread = math.sqrt(sum((v - middle) ** 2 for v in values) / (n - 1)) if n > 1 else math.inf
    half = _Z * spread / math.sqrt(n)
    return Estimate(middle, middle - half, middle + half, n, enough=n >= 5)


def _binomial_point(n: int, q: float, share: float) -> int:
    """Return the largest k with P(X < k) <= share for X binomial (n, q), from the sums of its logarithms."""
    if not 0 < q < 1:
        return 0 if q <= 0 else n
    total, log_p, log_q = 0.0, math.log(q), math.log1p(-q)
    for k in range(n + 1):
        log_term = (
            math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) + k * log_p + (n - k) * log_q
        )
        total += math.exp(log_term)
        if total > share:
            return k
    return n


@dataclass(frozen=True, slots=True)
class Trend:
    """How a figure moves: its slope per second, the probability that chance alone moves it so, and its rise in all."""

    slope_per_s: float
    p_value: float
    rise: float

    @property
    def grows(self) -> bool:
        """Whether it grows, and not by chance: one in a thousand."""
        return self.slope_per_s > 0 and self.p_value < 0.001


def trend(points: Sequence[tuple[float, float]]) -> Trend:
    """Return Theil's and Sen's slope, the median of all pairs', with the p value of Mann's and Kendall's test.

    Both look at order only, so that one spike moves neither. Long series are thinned out evenly. Up to ten points
    without ties have the exact probability, others that of the normal distribution. Source: Sen 1968; Kendall 1975
    (with the correction for ties).
    """
    step = max(1, math.ceil(len(points) / _MOST_PAIRS))
    seen = points[::step]
    pairs = [(b[0] - a[0], b[1] - a[1]) for i, a in enumerate(seen) for b in seen[i + 1 :] if b[0] > a[0]]
    if len(seen) < 4 or not pairs:
        return Trend(0.0, 1.0, 0.0)
    slope = median(rise / run for run, rise in pairs)
    score = sum((rise > 0) - (rise < 0) for _, rise in pairs)
    n, values = len(seen), [value for _, value in seen]
    ties = sum(t * (t - 1) * (2 * t + 5) for t in (values.count(v) for v in set(values)) if t > 1)
    variance = (n * (n - 1) * (2 * n + 5) - ties) / 18
    if variance <= 0:
        return Trend(slope, 1.0, 0.0)
    if n <= _FEW and len(pairs) == n * (n - 1) // 2 and len(set(values)) == n:
        p_value = _kendall_exactly(n, abs(score))
    else:
        z = (abs(score) - 1) / math.sqrt(variance) if score else 0.0
        p_value = 2 * (1 - NormalDist().cdf(z))
    return Trend(slope, p_value, slope * (seen[-1][0] - seen[0][0]))


def _kendall_exactly(n: int, score: int) -> float:
    """Return the share of the orders of `n` values whose score is as far from 0, from the numbers of inversions."""
    orders = [1]
    for one in range(2, n + 1):
        most = one * (one - 1) // 2
        orders = [sum(orders[max(0, k - one + 1) : k + 1]) for k in range(most + 1)]
    inversions = (n * (n - 1) // 2 - score) // 2
    return min(1.0, 2 * sum(orders[: inversions + 1]) / math.factorial(n))
