"""Figures over time and their spread as SVG: no script, no font of its own, colours from the page's variables."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from toolkit.writers.figures import figure
from toolkit.writers.xml import element

if TYPE_CHECKING:
    from toolkit.facts import Series

# In units of the drawing, which is shown at about this size on a phone: so its text can be read there.
_WIDTH, _HEIGHT = 360, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 10, 10, 24
COLOURS = 8
"""Lines beyond these repeat the colours, with dashes."""
# Less than this is no difference that a drawing could show.
_FLAT = 1e-9
_DASHES = ("", "6 3", "2 3")


@dataclass(frozen=True, slots=True)
class _Axes:
    """From seconds and values to places on the drawing."""

    end_s: float
    low: float
    high: float

    def x(self, at_s: float) -> float:
        return round(_LEFT + (_WIDTH - _LEFT - _RIGHT) * at_s / self.end_s, 1)

    def y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(_HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * share, 1)


def line_chart(title: str, series: Sequence[Series], key: str) -> str:
    """Return the lines of all `series`, which share name and unit; `key` is unique on the page.

    A point that was not seen is a gap. The vertical axis begins at zero unless all values are far from it.
    """
    axes = _axes(series)
    described = "; ".join(_described(one) for one in series)
    parts = [
        element("title", title, id=f"{key}-title"),
        element("desc", described or "nothing was seen", id=f"{key}-desc"),
        *_grid(axes),
        *(line for index, one in enumerate(series) for line in _lines(one, index, axes)),
    ]
    drawn = element(
        "svg",
        None,
        parts,
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        role="img",
        aria_labelledby=f"{key}-title {key}-desc",
        class_="chart",
    )
    return ET.tostring(drawn, encoding="unicode")


def swatch(index: int) -> str:
    """Return a short piece of line `index`, for the legend."""
    line = element("line", None, x1=1, y1=5, x2=23, y2=5, class_=_class(index), stroke_dasharray=_dash(index))
    drawn = element(
        "svg", None, [line], viewBox="0 0 24 10", width=24, height=10, aria_hidden="true", class_="swatch"
    )
    return ET.tostring(drawn, encoding="unicode")


def _described(series: Series) -> str:
    values = [value for run in _runs(series.points) for _, value in run]
    if not values:
        return f"{series.subject}: not seen"
    return (
        f"{series.subject}: from {figure(min(values))} to {figure(max(values))}, at last {figure(values[-1])}"
    )


def _axes(series: Sequence[Series]) -> _Axes:
    points = [point for one in series for run in _runs(one.points) for point in run]
    low, high = (
        min((value for _, value in points), default=0.0),
        max((value for _, value in points), default=0.0),
    )
    if high - low < _FLAT:
        high = low
    if 0 <= low < high * 0.8 or low == high:
        low = min(low, 0.0)
    # Beside zero, too: what is smaller than any figure shown has no scale of its own.
    high = low if high - low < _FLAT else high
    step = _step(high - low) if high > low else max(abs(high), 1.0)
    low, high = math.floor(low / step) * step, math.ceil(high / step) * step
    return _Axes(max((at for at, _ in points), default=0) or 1.0, low, high if high > low else low + step)


def _step(span: float, ticks: int = 4) -> float:
    """Return 1, 2 or 5 times a power of ten, so that `ticks` of them about span it."""
    raw = span / ticks
    power = 10.0 ** math.floor(math.log10(raw))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw)


def _ticks(low: float, high: float) -> Iterator[float]:
    step = _step(high - low)
    for index in range(round((high - low) / step) + 1):
        yield low + index * step


def _grid(axes: _Axes) -> Iterator[ET.Element]:
    for value in _ticks(axes.low, axes.high):
        y = axes.y(value)
        yield element("line", None, x1=_LEFT, x2=_WIDTH - _RIGHT, y1=y, y2=y, class_="grid")
        yield element("text", figure(value), x=_LEFT - 5, y=y + 3.5, class_="tick", text_anchor="end")
    step = _step(axes.end_s)
    for index in range(math.floor(axes.end_s / step + 1e-9) + 1):
        at = index * step
        yield element(
            "text", f"{figure(at)} s", x=axes.x(at), y=_HEIGHT - 7, class_="tick", text_anchor="middle"
        )


def _lines(series: Series, index: int, axes: _Axes) -> Iterator[ET.Element]:
    for run in _runs(series.points):
        if len(run) == 1:
            at, value = run[0]
            yield element("circle", None, cx=axes.x(at), cy=axes.y(value), r=2, class_=_class(index, "dot"))
            continue
        points = " ".join(f"{axes.x(at)},{axes.y(value)}" for at, value in run)
        yield element("polyline", None, points=points, class_=_class(index), stroke_dasharray=_dash(index))


def _runs(points: Sequence[tuple[float, float | None]]) -> Iterator[list[tuple[float, float]]]:
    """Yield what was seen without a gap."""
    run: list[tuple[float, float]] = []
    for at, value in points:
        if value is not None and math.isfinite(value):
            run.append((at, value))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _class(index: int, kind: str = "line") -> str:
    return f"{kind} c{index % COLOURS}"


def _dash(index: int) -> str:
    return _DASHES[index // COLOURS % len(_DASHES)] or "none"
