"""Readings of what was watched, which the checks of a watch share; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Status
from toolkit.confidence import quantile
from toolkit.snapshot import known

if TYPE_CHECKING:
    from toolkit.facts import Series
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot

_SPREADS = {
    "light": ("light_p95_s", 0.95),
    "first_token": ("first_token_p95_s", 0.95),
    "rate": ("tokens_per_s_p50", 0.5),
    "total": ("answer_p50_s", 0.5),
    "memory": ("memory_max_mib", 1.0),
    "gpu_memory": ("gpu_memory_max_mib", 1.0),
    "waiting": ("waiting_max", 1.0),
    "server_first_token_p50": ("server_first_token_p50_s", 1.0),
    "server_first_token_p95": ("server_first_token_p95_s", 1.0),
    "server_gap_p50": ("server_gap_p50_s", 1.0),
}
_MEANS = {
    "asked": "error_share",
    "hit": "hit_share",
    "cpu": "cpu_percent",
    "host_cpu": "cpu_share",
    "host_memory": "memory_share",
    "gpu_use": "gpu_percent",
}
Points = tuple[tuple[float, float], ...]


def points(seen: Snapshot, name: str) -> Mapping[str, Points]:
    """Return the points of all series of that name by subject, without what was not seen."""
    found = (one for one in known(seen.series) if one.name == name)
    return {one.subject: tuple((t, v) for t, v in one.points if v is not None) for one in found}


def values(seen: Snapshot, name: str) -> Mapping[str, tuple[float, ...]]:
    """Return the values alone, by subject, of those that have any."""
    return {subject: tuple(v for _, v in seen) for subject, seen in points(seen, name).items() if seen}


def risen(seen: Points) -> float:
    """Return by how much a counter has risen; one that began anew counts from 0."""
    return sum(
        after[1] - before[1] if after[1] >= before[1] else after[1] for before, after in pairwise(seen)
    )


def figures(seen: Snapshot) -> dict[str, float]:
    """Return what was tried and watched in a few numbers, by names that stay: for whoever compares one run with others.

    Seconds, rates, shares and MiB; `first_token_p95_s/general` is that of one subject.
    """
    found: dict[str, float] = {}
    for fact in seen.trials if isinstance(seen.trials, tuple) else ():
        if not fact.refusal:
            found[f"trial_s/{fact.subject}: {fact.name}"] = fact.elapsed_s
    if not isinstance(seen.series, tuple):
        return found
    for name, (figure, share) in _SPREADS.items():
        for subject, some in values(seen, name).items():
            found[f"{figure}/{subject}"] = quantile(sorted(some), share)
    for name, figure in _MEANS.items():
        for subject, some in values(seen, name).items():
            found[f"{figure}/{subject}"] = sum(some) / len(some)
    return found


def busiest(seen: Iterable[Series], least: float = 0.6) -> tuple[tuple[str, float], ...]:
    """Return who took most of the processors that it may have, in the mean, the busiest first: names and shares."""
    found = []
    for one in seen:
        some = [value for _, value in one.points if value is not None]
        scale = {"cpu": 100.0, "host_cpu": 1.0}.get(one.name)
        if scale is not None and some:
            found.append((one.subject, sum(some) / len(some) / scale))
    return tuple(sorted((f for f in found if f[1] >= least), key=lambda f: -f[1]))


def unseen(subjects: Iterable[str], what: str, remedy: str = "") -> Iterator[Finding]:
    """Yield ERROR for each of `subjects`: nothing of it was seen in the whole watch."""
    for subject in subjects:
        yield Finding(subject, Status.ERROR, f"{what}: nothing was seen in this watch", remedy=remedy)


def text_models(plan: Plan) -> tuple[str, ...]:
    """Return the names of the models that answer with text, where this host has the edge that leads to them."""
    if plan.service("edge") is None:
        return ()
    return tuple(model.served_name for model in plan.models if not model.pooling)
