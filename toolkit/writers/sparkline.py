"""A series as one line of blocks, for terminals."""

from __future__ import annotations

from collections.abc import Sequence

_BLOCKS = "▁▂▃▄▅▆▇█"
_NOT_SEEN = " "


def sparkline(points: Sequence[tuple[float, float | None]], width: int, until_s: float) -> str:
    """Return `width` blocks over the time from 0 to `until_s`: the highest value of each part, the lowest block for 0.

    A part of which nothing was seen is blank.
    """
    highest: list[float | None] = [None] * width
    for at, value in points:
        place = min(width - 1, int(at / until_s * width)) if until_s > 0 else 0
        if value is not None:
            before = highest[place]
            highest[place] = value if before is None else max(before, value)
    top = max((value for value in highest if value is not None), default=0.0)
    return "".join(_NOT_SEEN if value is None else _BLOCKS[_level(value, top)] for value in highest)


def _level(value: float, top: float) -> int:
    return 0 if top <= 0 else max(0, min(len(_BLOCKS) - 1, round(value / top * (len(_BLOCKS) - 1))))
