"""Changes of a model server's flags, in the direction that an error demands, each a value that is surely nearer."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.findings import Change

if TYPE_CHECKING:
    from toolkit.diagnosis.rule import Changes, Hit
    from toolkit.diagnosis.scene import Scene

# The rungs that this project measured: a share of the card, a context, sequences at once.
_SHARES = (0.82, 0.75)
_LENGTHS = (6144, 4096)
_SEQUENCES = (16, 8)
# What the driver and the next allocation of somebody else may take between two looks.
_SPARE_SHARE = 0.02
_MOST_SHARE = 0.95
_STEP = 16


def flag(hit: Hit, scene: Scene, name: str, value: float | str) -> Change:
    """Return a change of one flag of the service that `hit` is about."""
    return Change(f"{scene.section(hit.subject)}.flags.{name}", value)


def planned(hit: Hit, scene: Scene, name: str) -> float | None:
    """Return the planned number of a flag, None where none is planned."""
    value = scene.flag(hit.subject, "--" + name.replace("_", "-"))
    try:
        return float(value) if value is not None else None
    except ValueError:
        return None


def to_free_share(hit: Hit, scene: Scene) -> Iterator[Change]:
    """Yield the utilization that what is free allows: the groups `free` and `total`, both GiB."""
    free, total = hit.number("free"), hit.number("total")
    if free and total and (share := math.floor((free / total - _SPARE_SHARE) * 100) / 100) > 0:
        yield flag(hit, scene, "gpu_memory_utilization", share)


def raised_share(hit: Hit, scene: Scene) -> Iterator[Change]:
    """Yield a utilization of 5 points more than planned, never over 0.95."""
    now = planned(hit, scene, "gpu_memory_utilization")
    if now is not None and now < _MOST_SHARE:
        yield flag(hit, scene, "gpu_memory_utilization", round(min(now + 0.05, _MOST_SHARE), 3))


def next_rung(hit: Hit, scene: Scene) -> Iterator[Change]:
    """Yield the next rung of the ladder: utilization first, then context, then sequences."""
    rungs: tuple[tuple[str, tuple[float, ...]], ...] = (
        ("gpu_memory_utilization", _SHARES),
        ("max_model_len", _LENGTHS),
        ("max_num_seqs", _SEQUENCES),
    )
    for name, steps in rungs:
        now = planned(hit, scene, name)
        below = next((step for step in steps if now is not None and step < now), None)
        if below is not None:
            yield flag(hit, scene, name, below)
            return
    yield from fewer_sequences(hit, scene)


def fewer_sequences(hit: Hit, scene: Scene) -> Iterator[Change]:
    """Yield half as many sequences as are planned, 8 where nothing is."""
    now = planned(hit, scene, "max_num_seqs")
    half = 8 if now is None else int(now) // 2
    if half:
        yield flag(hit, scene, "max_num_seqs", half)


def length_of_group(name: str) -> Changes:
    """Return changes that set the context to the number in a group, rounded down to blocks of 16 tokens."""

    def changes(hit: Hit, scene: Scene) -> Iterator[Change]:
        tokens = int(hit.number(name) or 0) // _STEP * _STEP
        if tokens:
            yield flag(hit, scene, "max_model_len", tokens)

    return changes
