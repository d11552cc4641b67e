"""What changed since the run before, for people: only what stands otherwise, and what moved by more than chance."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from toolkit.changes import ENOUGH_RUNS, Changes, FigureChange, FindingChange, Trend
from toolkit.writers.figures import change, figure
from toolkit.writers.naming import some


def changes_lines(changes: Changes) -> list[str]:
    """Return a line for all, and one for each thing that changed."""
    moved = [_moved(one) for one in changes.figures if one.told]
    lines = [*_stand(changes.findings), *moved]
    notes = [] if lines else ["no change"]
    if any(one.trend is Trend.UNKNOWN for one in changes.figures):
        notes.append(f"too few runs to tell figures from chance: {changes.runs} of {ENOUGH_RUNS}")
    since = f"since {changes.since[:19].replace('T', ' ')}: {'; '.join(notes)}"
    return [since.rstrip(), *(f"  {line}" for line in lines)]


def _stand(changed: Iterable[FindingChange]) -> Iterator[str]:
    """Yield a line for all that went the same way: what cannot be seen at all is said once, not by each check."""
    same: dict[str, list[str]] = {}
    for one in changed:
        before = one.before.status if one.before else "not there"
        after = f"{one.after.status}: {one.after.observed}" if one.after else "not there"
        same.setdefault(f"{before} → {after}", []).append(one.key)
    yield from (f"{some(keys)}: {way}" for way, keys in same.items())


def _moved(one: FigureChange) -> str:
    chance = f"chance alone: {figure(one.low or 0)} to {figure(one.high or 0)}"
    moved = f"{figure(one.before)} → {figure(one.after)} ({change(one.before, one.after)}; {chance})"
    return f"{one.name}: {moved}, {one.trend}"
