"""How the values of a figure are spread: a row for each subject, from the least to the most, with its quantiles."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from toolkit.confidence import quantile
from toolkit.writers.figures import figure
from toolkit.writers.xml import element

if TYPE_CHECKING:
    from toolkit.facts import Series

_WIDTH, _ROW, _EDGE = 360, 14, 6


@dataclass(frozen=True, slots=True)
class Spread:
    """The values of one series: how many, and where they lie; `missed` is how often nothing was seen."""

    subject: str
    n: int
    missed: int
    least: float
    quarter: float
    median: float
    three_quarters: float
    p95: float
    most: float
    last: float

    @property
    def cells(self) -> tuple[str, ...]:
        """Least, median, P95, most and last, as they are shown."""
        return tuple(map(figure, (self.least, self.median, self.p95, self.most, self.last)))


def spread(series: Series) -> Spread | None:
    """Return the spread of what was seen, None where that is nothing."""
    seen = [value for _, value in series.points if value is not None and math.isfinite(value)]
    if not seen:
        return None
    ordered = sorted(seen)
    least, quarter, middle, three_quarters, p95, most = (
        quantile(ordered, q) for q in (0, 0.25, 0.5, 0.75, 0.95, 1)
    )
    missed = len(series.points) - len(seen)
    return Spread(
        series.subject, len(seen), missed, least, quarter, middle, three_quarters, p95, most, seen[-1]
    )


def spread_chart(one: Spread, low: float, high: float, index: int) -> str:
    """Return a row: a thin line from least to most, a thick one over the middle half, marks at median and P95."""
    drawn = element(
        "svg",
        None,
        _row(one, low, high, index),
        viewBox=f"0 0 {_WIDTH} {_ROW}",
        aria_hidden="true",
        class_="spread",
    )
    return ET.tostring(drawn, encoding="unicode")


def _row(one: Spread, low: float, high: float, index: int) -> Iterator[ET.Element]:
    def x(value: float) -> float:
        share = (value - low) / (high - low) if high > low else 0.5
        return round(_EDGE + (_WIDTH - 2 * _EDGE) * share, 1)

    middle = _ROW / 2
    yield element("line", None, x1=_EDGE, x2=_WIDTH - _EDGE, y1=middle, y2=middle, class_="grid")
    yield element(
        "line", None, x1=x(one.least), x2=x(one.most), y1=middle, y2=middle, class_=f"whisker c{index}"
    )
    yield element(
        "line",
        None,
        x1=x(one.quarter),
        x2=x(one.three_quarters) + 0.5,
        y1=middle,
        y2=middle,
        class_=f"box c{index}",
    )
    for value, kind in ((one.median, "median"), (one.p95, "p95")):
        yield element("line", None, x1=x(value), x2=x(value), y1=1, y2=_ROW - 1, class_=kind)
