"""Every page of the running product, in both themes and three widths: accessible, no wider than the screen, and quiet.

One server, one browser and one tab; a page is loaded once and then looked at in each theme and width. What was
seen is kept under artifacts/screens.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it carries no types
from playwright.sync_api import Browser, ConsoleMessage, Page, Request

from tests.product.process import TOP, Process

SCREENS = TOP / "artifacts" / "screens"
THEMES = ("dark", "light")
WIDTHS = (1440, 1024, 390)
PASSWORD = "a long night on the river"

COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
"""What axe looks for in the second theme: the elements are the same, only their colours are not."""

PAGES = {
    "live": ("/", ".curve-chart .main-svg", ".event"),
    "history": ("/history", ".history-chart .main-svg", ".history-breakdown tfoot"),
    "day": ("/history/day/{day}", ".day-statement tbody tr", ".day-records tbody tr"),
    "reconcile": ("/reconcile", "#content table tbody tr"),
    "sources": ("/sources", "[data-source-card=kalshi] .s-facts"),
    "status": ("/status", "[data-measure=disk]", "[data-part=versions]"),
    "entries": ("/entries", "#entry-date"),
    "alerts": ("/alerts", "#alert-form input"),
    "signin": ("/signin", "#password"),
}
"""Every page: where it is, and what is there once it is drawn."""

WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => window.violations.push(event.violatedDirective));
"""
FITS = """() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() =>
  done([...document.querySelectorAll(".main-svg")].every((chart) => {
    const box = chart.getBoundingClientRect();
    return box.width && box.right <= innerWidth && box.width >= chart.parentElement.clientWidth - 2;
  })))))"""


@dataclass(kw_only=True)
class Tour:
    """A tab in which the pages are looked at, signed in and not, and what it complained of."""

    url: str
    day: str
    inside: Page
    outside: Page
    complaints: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for page in (self.inside, self.outside):
            page.on("console", self._heard)
            page.on("pageerror", lambda error: self.complaints.append(str(error)))
            page.on("request", self._asked)

    def visit(self, name: str) -> Page:
        """Open a page and wait until it is drawn."""
        path, *ready = PAGES[name]
        page = self.outside if name == "signin" else self.inside
        page.set_viewport_size({"width": WIDTHS[0], "height": 900})
        page.goto(self.url + path.format(day=self.day))
        for selector in ready:
            page.wait_for_selector(selector)
        return page

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.url, "data:", "blob:", self.url.replace("http", "ws"))):
            self.foreign.append(request.url)


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """Give the whole product on the sandbox, with somebody who may sign in."""
    folder = tmp_path_factory.mktemp("pages") / "data"
    _add_user(folder)
    product = Process(folder, PNL_AUTH="password", PNL_INTERVAL_SECONDS="10")
    try:
        product.ready()
        yield product
    finally:
        product.end()


@pytest.fixture(scope="module")
def tour(browser: Browser, product: Process) -> Iterator[Tour]:
    url = f"http://127.0.0.1:{product.port}"
    cookie = _signed_in(url)
    contexts = [browser.new_context(reduced_motion="reduce", color_scheme="dark") for _ in range(2)]
    contexts[0].add_cookies([{"name": "pnl", "value": cookie, "url": url}])
    for context in contexts:
        context.set_default_timeout(30_000)
        context.add_init_script(WATCH)
    current = httpx.get(f"{url}/api/pnl/current", cookies={"pnl": cookie})
    pages = [context.new_page() for context in contexts]
    day = date.fromisoformat(current.json()["day"]) - timedelta(days=1)  # whole: today may have no record yet
    yield Tour(url=url, day=day.isoformat(), inside=pages[0], outside=pages[1])
    for context in contexts:
        context.close()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_accessible_fits_and_is_quiet_in_every_theme_and_width(name: str, tour: Tour) -> None:
    SCREENS.mkdir(parents=True, exist_ok=True)
    page = tour.visit(name)
    axe = Axe()
    troubles: list[str] = []

    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 844 if width < 700 else 900})
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]  # typed as literals
            page.wait_for_function(FITS)
            page.screenshot(path=SCREENS / f"{name}-{theme}-{width}.png", full_page=True)
            wide = page.evaluate("document.documentElement.scrollWidth")
            found = axe.run(page, options={"resultTypes": ["violations"]} | ({} if theme == THEMES[0] else COLOURS))
            if wide != width:
                troubles.append(f"{theme} {width}: {wide} px wide")
            if found.violations_count:
                troubles.append(f"{theme} {width}: {found.generate_report()}")

    assert troubles == []
    assert page.evaluate("window.violations") == []
    assert page.locator(".modebar").count() == 0
    assert tour.complaints == []
    assert tour.foreign == []


def _add_user(folder: Path) -> None:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PNL_")}
    subprocess.run(
        [sys.executable, "-m", "pnl", "users", "add", "ann", "--role", "editor"],
        cwd=TOP,
        env=inherited | {"PNL_DATA_DIR": str(folder), "PNL_AUTH": "password"},
        input=PASSWORD,
        text=True,
        check=True,
        capture_output=True,
    )


def _signed_in(url: str) -> str:
    answer = httpx.post(f"{url}/signin", data={"name": "ann", "password": PASSWORD}, headers={"Origin": url})
    assert answer.status_code == 303, answer.text
    return str(answer.cookies["pnl"])
