"""A load whose truth is known: each request tells the server its own times, the client has to find them."""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import pairwise

import httpx

from toolkit.confidence import quantile
from toolkit.load.sample import Measured
from toolkit.load.streams import Ask, Load, run_load

SHARES = (0.5, 0.95, 0.99)


@dataclass(frozen=True)
class Truth:
    """What the server was told, sorted where it is a distribution; `errors` by class."""

    first_s: list[float]
    gaps_s: list[float]
    totals_s: list[float]
    errors: dict[str, int]


def programme(requests: int, tokens: int, seed: int = 7) -> tuple[list[Ask], Truth]:
    """Return requests with times of a skewed distribution, one in ten an error of some kind, and their truth."""
    chosen = random.Random(seed)
    asks, truth = [], Truth([], [], [], {})
    for number in range(requests):
        first = min(1.5, 0.4 * chosen.lognormvariate(0, 0.4))
        gaps = [min(0.5, 0.1 * chosen.lognormvariate(0, 0.3)) for _ in range(tokens - 1)]
        paced: dict[str, object] = {"first_s": first, "gaps_s": gaps}
        error = {3: "http-503", 13: "cut", 23: "http-429"}.get(number % 30, "")
        if error.startswith("http"):
            paced = {"first_s": first, "status": int(error[5:])}
        elif error:
            paced["cut"] = True
        if error:
            truth.errors[error] = truth.errors.get(error, 0) + 1
        else:
            truth.first_s.append(first)
            truth.gaps_s.extend(gaps)
            truth.totals_s.append(first + sum(gaps))
        asks.append(Ask(body={"stream": True, "paced": paced}))
    for values in (truth.first_s, truth.gaps_s, truth.totals_s):
        values.sort()
    return asks, truth


def really(url: str, told: Truth) -> Truth:
    """Return what the server did: what it was told, and by how much the machine kept it from that."""
    done: list[list[float]] = httpx.get(f"{url}/done", trust_env=False).json()
    return Truth(
        sorted(sent[0] for sent in done),
        sorted(b - a for sent in done for a, b in pairwise(sent)),
        sorted(sent[-1] for sent in done),
        told.errors,
    )


def measured(url: str, streams: int, asks: list[Ask], rate_per_s: float | None = None) -> Measured:
    """Run the programme; connections are warm, as they are in any load but its first second."""
    warm = [Ask(body={"stream": True, "paced": {"first_s": 0.1, "warm": True}})] * streams
    load = Load(
        url,
        "sk-any",
        iter([*warm, *asks]),
        streams=streams,
        requests=len(asks),
        rate_per_s=rate_per_s,
        warm_up=streams,
    )
    return run_load(load)


def deviations(truth: Truth, found: Measured) -> dict[str, float]:
    """Return by how much each measured percentile is off, as a share of the truth."""
    pairs = {
        "ttft": (truth.first_s, found.first_tokens_s),
        "gap": (truth.gaps_s, found.gaps_s),
        "total": (truth.totals_s, found.totals_s),
    }
    return {
        f"{name} p{share * 100:.0f}": quantile(seen, share) / quantile(true, share) - 1
        for name, (true, seen) in pairs.items()
        for share in SHARES
    }
