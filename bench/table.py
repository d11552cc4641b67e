"""Comparisons → one table: three lines each, ours, the peer, and the figure with its goal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.comparison import QUANTILES, quantile

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bench.comparison import Comparison, Series

_HEAD = ("", "n", *(f"p{share * 100:.0f}" for share in QUANTILES), "goal", "")
_Row = tuple[str, ...]


def table(comparisons: Iterable[Comparison]) -> str:
    """Return the table; times in milliseconds, quantiles that too few runs could tell are left out."""
    rows: list[_Row] = [_HEAD]
    for comparison in comparisons:
        rows += [("",) * len(_HEAD), *_rows(comparison)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    return "\n".join(_line(row, widths) for row in rows)


def _line(row: _Row, widths: Sequence[int]) -> str:
    first, *others = (
        cell.rjust(width) if column else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(row, widths, strict=True))
    )
    return "  ".join([first, *others]).rstrip()


def _rows(comparison: Comparison) -> list[_Row]:
    return [_series_row(comparison.ours), _series_row(comparison.peer), _figure_row(comparison)]


def _series_row(series: Series) -> _Row:
    cells = (_ms(quantile(series.seconds, q)) if _tells(series.seconds, q) else "" for q in QUANTILES)
    return (series.name, str(len(series.seconds)), *cells, "", "")


def _figure_row(comparison: Comparison) -> _Row:
    show = _times if comparison.kind == "ratio" else _added
    rounds, goal = comparison.rounds, comparison.goal
    shown = (show(quantile(rounds, share)) for share in QUANTILES[:3])
    blank = ("",) * len(QUANTILES[3:])
    limit = "" if goal is None else f"<= {show(goal)}"
    return (f"  {comparison.kind}", str(len(rounds)), *shown, *blank, limit, comparison.verdict)


def _tells(values: Sequence[float], share: float) -> bool:
    """Whether at least one run lies beyond the quantile."""
    return len(values) * (1 - share) >= 1


def _ms(seconds: float) -> str:
    digits = 2 if seconds < 0.02 else 0 if seconds >= 1 else 1
    return f"{seconds * 1000:.{digits}f} ms"


def _times(figure: float) -> str:
    return f"{figure:.2f} x"


def _added(seconds: float) -> str:
    return f"{seconds * 1000:+.2f} ms"
