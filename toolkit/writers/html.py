"""A report as one page that needs nothing else: no network, no script, no font; for a phone as for a wide screen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import jinja2
from markupsafe import Markup

from toolkit.checking import Finding, Status
from toolkit.writers.chart_titles import TITLES, UNDRAWN, place
from toolkit.writers.charts import COLOURS, line_chart, swatch
from toolkit.writers.figures import change, figure
from toolkit.writers.spreads import Spread, spread, spread_chart
from toolkit.writers.text import counted

if TYPE_CHECKING:
    from toolkit.facts import Series
    from toolkit.report import Report

_TEMPLATE = "report.html.j2"
_QUIET = frozenset({Status.PASS, Status.SKIP})


@dataclass(frozen=True, slots=True)
class Cause:
    """A finding that deserves a look, with those that it is the cause of."""

    finding: Finding
    effects: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """The values of one subject in a chart: its piece of line, its spread, and that as a drawing."""

    subject: str
    swatch: Markup
    spread: Spread | None
    chart: Markup


@dataclass(frozen=True, slots=True)
class Chart:
    """One figure over time, of all subjects, and how its values are spread."""

    title: str
    unit: str
    lines: Markup
    rows: tuple[Row, ...]

    @property
    def seen(self) -> bool:
        """Whether anything of it was seen."""
        return any(row.spread is not None for row in self.rows)


@dataclass(frozen=True, slots=True)
class Page:
    """One report as the template shows it."""

    report: Report
    counts: str
    causes: tuple[Cause, ...]
    charts: tuple[Chart, ...]


def write(reports: Sequence[Report]) -> str:
    """Return the page, a section for each report; every text in it is escaped."""
    pages = [_page(report, f"r{index}") for index, report in enumerate(reports)]
    return _template().render(pages=pages, Status=Status).rstrip("\n")


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(figure=figure)
    environment.globals.update(change=change)
    return environment.get_template(_TEMPLATE)


def _page(report: Report, key: str) -> Page:
    named: dict[tuple[str, str], list[Series]] = {}
    for one in sorted(report.series, key=lambda series: place(series.name)):
        if one.name not in UNDRAWN:
            named.setdefault((one.name, one.unit), []).append(one)
    charts = (
        _chart(name, unit, group, f"{key}-c{index}")
        for index, ((name, unit), group) in enumerate(named.items())
    )
    return Page(report, counted(report), tuple(_causes(report)), tuple(charts))


def _causes(report: Report) -> Iterable[Cause]:
    """Yield what deserves a look, the root first and what follows from it below."""
    loud = [one for one in report.findings if one.status not in _QUIET]
    keys = {one.key for one in loud}
    for one in loud:
        if not one.under or one.under not in keys:
            yield Cause(one, tuple(_below(one, loud, {one.key})))


def _below(root: Finding, findings: Sequence[Finding], seen: set[str]) -> Iterable[Finding]:
    for one in findings:
        if one.under == root.key and one.key not in seen:
            seen.add(one.key)
            yield one
            yield from _below(one, findings, seen)


def _chart(name: str, unit: str, group: Sequence[Series], key: str) -> Chart:
    called = TITLES.get(name, name)
    title = f"{called} ({unit})" if unit else called
    spreads = [spread(one) for one in group]
    low = min((one.least for one in spreads if one is not None), default=0.0)
    high = max((one.most for one in spreads if one is not None), default=0.0)
    rows = (
        Row(
            one.subject or name,
            Markup(swatch(index)),  # noqa: S704 - our own drawing, escaped
            seen,
            Markup(spread_chart(seen, low, high, index % COLOURS) if seen else ""),  # noqa: S704 - as above
        )
        for index, (one, seen) in enumerate(zip(group, spreads, strict=True))
    )
    return Chart(called, unit, Markup(line_chart(title, group, key)), tuple(rows))  # noqa: S704 - as above
