"""Histograms of a Prometheus text: what a server measured itself, between two looks; pure."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

Buckets = Mapping[float, float]
"""Upper bound → how many were at most that."""
_BUCKET = re.compile(r"^(?P<name>\w[\w:]*)_bucket\{(?P<labels>.*)\} (?P<count>\S+)$")
_BOUND = re.compile(r'(?:^|,)le="([^"]+)"')


def buckets(text: str, name: str) -> Buckets:
    """Return the histogram of that name, summed over its other labels; empty where there is none."""
    found: dict[float, float] = {}
    for line in text.splitlines():
        sample = _BUCKET.match(line) if line.startswith(name) else None
        bound = _BOUND.search(sample["labels"]) if sample and sample["name"] == name else None
        if sample and bound:
            at = float(bound[1].replace("+Inf", "inf"))
            found[at] = found.get(at, 0.0) + float(sample["count"])
    return found


def between(before: Buckets, after: Buckets) -> Buckets:
    """Return what was counted from one look to the other; all of it where the server began anew."""
    anew = any(after.get(bound, 0.0) < count for bound, count in before.items())
    return dict(after) if anew else {bound: count - before.get(bound, 0.0) for bound, count in after.items()}


def quantile(of: Buckets, q: float) -> float | None:
    """Return the quantile, in proportion within its bucket as Prometheus' histogram_quantile does; None for nothing.

    Of what is over the highest bound nothing is known but that: then it is the highest bound.
    """
    total = max(of.values(), default=0.0)
    if total <= 0:
        return None
    wanted, low, below = q * total, 0.0, 0.0
    for bound, count in sorted(of.items()):
        if count >= wanted:
            if math.isinf(bound):
                return low
            inside = count - below
            return low + (bound - low) * ((wanted - below) / inside if inside else 1.0)
        low, below = bound, count
    return low
