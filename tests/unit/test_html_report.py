"""The page: whole in itself, nothing from a log means anything to a browser, and charts tell the truth."""

from __future__ import annotations

import math
import re
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.support.demo_report import demo_report
from toolkit.checking import Finding, Status
from toolkit.facts import Series
from toolkit.report import Report
from toolkit.values import replace
from toolkit.writers import html
from toolkit.writers.charts import line_chart
from toolkit.writers.figures import change, figure
from toolkit.writers.spreads import spread


class Tags(HTMLParser):
    """Every tag with its attributes, and the text outside of them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("hostile", [False, True])
def test_the_page_loads_nothing_and_runs_nothing(hostile: bool) -> None:
    seen = Tags(html.write([demo_report(hostile=hostile)]))
    assert not {"script", "img", "iframe", "object", "embed"} & {tag for tag, _ in seen.tags}
    named = [(tag, attrs) for tag, attrs in seen.tags if {"src", "href"} & set(attrs)]
    assert named == [("link", {"rel": "icon", "href": "data:,"})]
    assert not any(name.startswith("on") for _, attrs in seen.tags for name in attrs)
    assert "url(" not in html.write([demo_report()])
    policy = next(attrs["content"] for tag, attrs in seen.tags if attrs.get("http-equiv"))
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


@given(st.text())
def test_whatever_is_found_adds_no_tag(text: str) -> None:
    def tags(said: str) -> list[str]:
        finding = Finding(said, Status.FAIL, said, said, said, said, (said,), "a.b")
        series = Series(said, said, said, ((0.0, 1.0),))
        report = Report("health-check", said, "2026-01-01T00:00:00+00:00", 1.0, (finding,), series=(series,))
        return [tag for tag, _ in Tags(html.write([report])).tags]

    # A text that is empty is left out with its label.
    assert tags(text or "x") == tags("x")


def test_a_cause_stands_above_what_follows_from_it() -> None:
    page = html.write([demo_report()])
    cards = re.findall(r'<article class="card (\w+)">(.*?)</article>', page, re.DOTALL)
    assert [kind for kind, _ in cards] == ["fail", "error", "warn"]
    assert "1 more because of it" in cards[0][1]
    assert "the queue grows by 3.1" in cards[0][1]
    assert "(likely)" in cards[0][1]


def test_two_that_name_each_other_as_their_cause_are_no_endless_page() -> None:
    one = Finding("a", Status.FAIL, "x", check="c.d", under="c.d/b")
    two = Finding("b", Status.FAIL, "x", check="c.d", under="c.d/a")
    root = Finding("r", Status.FAIL, "x", check="c.d")
    report = Report("diagnose", "testing", "2026-01-01T00:00:00+00:00", 1.0, (root, one, two))
    assert '<td data-label="of">b</td>' in html.write([report])


def test_what_changed_says_what_is_chance() -> None:
    text = " ".join(Tags(html.write([demo_report()])).text.split())
    assert "what is chance is told from 10 earlier runs" in text
    assert re.search(r"first_token_p95_s 0\.\d+ 0\.\d+ \+\d+% 0\.\d+ to 0\.\d+ worse", text)
    assert "Since the run before" not in html.write([replace(demo_report(), changes=None)])


def test_every_table_names_its_columns_and_every_chart_itself() -> None:
    page = html.write([demo_report(), replace(demo_report(), host="app")])
    seen = Tags(page)
    assert page.count("<table") == page.count("<thead>")
    assert all(attrs.get("scope") in {"col", "row"} for tag, attrs in seen.tags if tag == "th")
    drawings = [attrs for tag, attrs in seen.tags if tag == "svg"]
    assert all(one.get("aria-hidden") or one["role"] == "img" for one in drawings)
    ids = [attrs["id"] for _, attrs in seen.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    labels = {key for one in drawings for key in (one.get("aria-labelledby") or "").split()}
    assert labels
    assert labels <= set(ids)


def test_what_nobody_saw_is_said_and_not_drawn() -> None:
    assert "Not seen in this run: GPU-0." in html.write([demo_report()])


def drawn(*points: tuple[float, float | None]) -> ET.Element:
    return ET.fromstring(line_chart("t", [Series("n", "s", "", points)], "k"))  # noqa: S314 - our own


def test_a_gap_is_not_bridged() -> None:
    lines = drawn((0, 1.0), (1, 2.0), (2, None), (3, 3.0), (4, 2.0), (5, None), (6, 2.0))
    assert len(lines.findall("polyline")) == 2
    assert len(lines.findall("circle")) == 1


def test_points_stand_where_their_values_are() -> None:
    (line,) = drawn((0, 0.0), (5, 50.0), (10, 100.0)).findall("polyline")
    first, middle, last = (tuple(map(float, pair.split(","))) for pair in line.attrib["points"].split())
    assert first[0] < middle[0] < last[0]
    assert middle[0] - first[0] == pytest.approx(last[0] - middle[0], abs=0.2)
    assert first[1] - middle[1] == pytest.approx(middle[1] - last[1], abs=0.2)


@given(st.lists(st.floats(-1e15, 1e15) | st.sampled_from([math.nan, math.inf, None]), max_size=40))
@example([5e-324])
def test_any_series_can_be_drawn(values: list[float | None]) -> None:
    points = tuple((float(at), value) for at, value in enumerate(values))
    report = Report("x", "y", "2026-01-01T00:00:00+00:00", 1.0, (), series=(Series("n", "s", "", points),))
    page = html.write([report])
    assert not re.search(r'="[^"]*(nan|inf)\b', page)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=30))
def test_a_spread_lies_between_least_and_most(values: list[float]) -> None:
    found = spread(Series("n", "s", "", tuple((float(at), value) for at, value in enumerate(values))))
    assert found is not None
    inside = (found.least, found.quarter, found.median, found.three_quarters, found.p95, found.most)
    assert list(inside) == sorted(inside)
    assert (found.least, found.most, found.last) == (min(values), max(values), values[-1])


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0"),
        (0.01234, "0.0123"),
        (3, "3"),
        (12.34, "12.3"),
        (999.6, "1000"),
        (1234.5, "1,234"),
        (-0.5, "-0.5"),
    ],
)
def test_figures_have_three_digits(value: float, shown: str) -> None:
    assert figure(value) == shown


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [(10, 12, "+20%"), (10, 9.99, "±0"), (0, 3, "+3"), (0, 0, "±0"), (-4, -2, "+50%")],
)
def test_changes_are_told_in_percent(before: float, after: float, said: str) -> None:
    assert change(before, after) == said
