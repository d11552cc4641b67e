"""The HTML report in a real browser: on a phone and on a wide screen, light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.contrast import MEASURE_CONTRAST
from tests.support.demo_report import demo_report
from tests.support.lab import lab_program
from toolkit.writers import html

# Without a sandbox, since tests run as root; and it asks nobody for news.
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
ARTIFACTS = Path("test-artifacts") / "report-page"
Scheme = Literal["light", "dark"]
VIEWS: list[tuple[int, Scheme]] = [(390, "light"), (390, "dark"), (1280, "light"), (1280, "dark")]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = lab_program("chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=[*FLAGS])
        yield started
        started.close()


class Shown:
    """A page that is open, with what it asked for and complained of."""

    def __init__(self, browser: Browser, text: str, where: Path, width: int, scheme: Scheme) -> None:
        where.write_text(text)
        self.page: Page = browser.new_page(viewport={"width": width, "height": 844}, color_scheme=scheme)
        self.complaints: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(where.as_uri())

    def measure(self, expression: str) -> Any:
        return self.page.evaluate(expression)


@pytest.fixture(scope="module")
def shown(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Shown]:
    width, scheme = request.param
    where = tmp_path_factory.mktemp("page") / "report.html"
    one = Shown(browser, html.write([demo_report()]), where, width, scheme)
    yield one
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    one.page.screenshot(path=str(ARTIFACTS / f"{width}-{scheme}.png"), full_page=True)
    one.page.close()


every_view = pytest.mark.parametrize(
    "shown", VIEWS, indirect=True, scope="module", ids=[f"{width}-{scheme}" for width, scheme in VIEWS]
)


@every_view
def test_it_fits_asks_for_nothing_and_complains_of_nothing(shown: Shown) -> None:
    assert shown.asked == [shown.page.url]
    assert shown.complaints == []
    width = shown.page.viewport_size["width"] if shown.page.viewport_size else 0
    assert shown.measure("document.documentElement.scrollWidth") == width
    wide = shown.measure(
        "[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1)"
        ".map(e => e.tagName)"
    )
    assert wide == []


@every_view
def test_every_text_stands_out_from_its_ground(shown: Shown) -> None:
    shown.measure("document.querySelectorAll('details').forEach(e => e.open = true)")
    assert shown.measure(MEASURE_CONTRAST) == []


@every_view
def test_texts_of_charts_can_be_read_at_the_size_they_have(shown: Shown) -> None:
    sizes = shown.measure(
        "[...document.querySelectorAll('.chart')].flatMap(svg => [...svg.querySelectorAll('text')]"
        ".map(t => parseFloat(getComputedStyle(t).fontSize) * svg.getBoundingClientRect().width / 360))"
    )
    assert sizes
    assert min(sizes) >= 9


def test_light_and_dark_differ(browser: Browser, tmp_path: Path) -> None:
    grounds = {
        Shown(browser, html.write([demo_report()]), tmp_path / "r.html", 390, scheme).measure(
            "getComputedStyle(document.body).backgroundColor"
        )
        for _, scheme in VIEWS
    }
    assert len(grounds) == 2


def test_what_is_found_cannot_act(browser: Browser, tmp_path: Path) -> None:
    text = html.write([demo_report(hostile=True)])
    shown = Shown(browser, text, tmp_path / "hostile.html", 390, "light")
    assert shown.page.title() != "taken"
    assert shown.asked == [shown.page.url]
    assert shown.complaints == []
    assert shown.measure("document.querySelectorAll('script, img').length") == 0
    assert shown.measure("document.documentElement.scrollWidth") == 390


def test_a_chart_tells_its_name_and_its_values_to_those_who_do_not_see_it(
    browser: Browser, tmp_path: Path
) -> None:
    shown = Shown(browser, html.write([demo_report()]), tmp_path / "r.html", 1280, "light")
    chart = shown.page.get_by_role("img", name="time to first token (ms)")
    assert "llm-general: from " in (chart.locator("desc").text_content() or "")
    headers = shown.page.get_by_role("columnheader", name="shall be")
    assert headers.count() == 1
