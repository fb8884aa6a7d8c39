"""One browser a module (its event loop must not outlive it), one fake company and one server a test."""

import logging
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import pytest
from flask import Flask, Response
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright
from werkzeug.serving import make_server

from pnl.live.hub import Hub
from pnl.live.seats import Seats
from pnl.web import compression
from pnl.web.compression import Packed
from pnl.web.dash_app import mount
from pnl.web.theme import THEME_SCRIPT
from tests.browser.answers import Answers
from tests.browser.archive import Archive, serving
from tests.browser.chromium import ARGUMENTS, CHROMIUM
from tests.browser.economy import serve_month
from tests.browser.fake import Company, serve
from tests.browser.gate import Gate


@dataclass(kw_only=True)  # without slots: Playwright keeps its wrapper of a handler on the handler's owner
class Desk:
    """A company, where its pages are, and what the browser complained of."""

    app: Flask
    company: Company
    answers: Answers
    url: str
    context: Callable[..., BrowserContext]
    complaints: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def open(self, path: str = "/", *, theme: str = "dark", width: int = 1440) -> Page:
        """Open a page and wait until it is drawn from the newest snapshot."""
        self.company.show()
        page = self.context(theme, width).new_page()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._asked)
        page.goto(self.url + path)
        if path == "/" and not self.company.empty:
            page.wait_for_selector("#kpis[data-seq]")
            page.wait_for_selector(".curve-chart .main-svg")
            page.wait_for_selector(".event")
        elif path == "/entries":
            page.wait_for_selector("#entry-date")
        return page

    def tick(self, page: Page) -> int:
        """Make a snapshot and wait until the page shows it."""
        seq = self.company.tick()
        page.wait_for_selector(f'#kpis[data-seq="{seq}"]')
        return seq

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.url, "data:", "blob:")):
            self.foreign.append(request.url)


@pytest.fixture(scope="session", autouse=True)
def _thrifty_servers() -> Iterator[None]:
    """Compress each file once for all servers of a session, as one does for all who ask; log no request."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    packed = Packed()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compression, "Packed", lambda: packed)
        yield


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield made
        made.close()


@pytest.fixture
def desk(browser: Browser) -> Iterator[Desk]:
    company = Company()
    hub = Hub(company.feed, Seats(100, 100))
    hub.start()
    app = serve(company, hub)
    answers = Answers(company)
    answers.serve(app)
    serve_month(app, company)
    dash = mount(app, demo=True, time_zone=company.time_zone, interval_seconds=10)

    @app.after_request
    def strict(response: Response) -> Response:
        # Dash knows all of its own scripts only once the first request has come.
        scripts = " ".join(["'self'", f"'sha256-{_hash(THEME_SCRIPT)}'", *dash.csp_hashes()])
        response.headers["Content-Security-Policy"] = (
            f"default-src 'self'; script-src {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
            "base-uri 'none'; object-src 'none'; form-action 'self'"
        )
        return response

    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    contexts: list[BrowserContext] = []

    def context(theme: str, width: int) -> BrowserContext:
        size = {"width": width, "height": 844 if width < 700 else 900}
        made = browser.new_context(viewport=size, color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]  # typed as literals
        made.set_default_timeout(20_000)
        contexts.append(made)
        return made

    yield Desk(app=app, company=company, answers=answers, url=f"http://127.0.0.1:{server.server_port}", context=context)
    for made in contexts:
        made.close()
    hub.close()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def archive(browser: Browser, tmp_path: Path) -> Iterator[Archive]:
    contexts: list[BrowserContext] = []

    def context(theme: str, width: int) -> BrowserContext:
        size = {"width": width, "height": 844 if width < 700 else 900}
        made = browser.new_context(viewport=size, color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]  # typed as literals
        made.set_default_timeout(20_000)
        contexts.append(made)
        return made

    with serving(tmp_path, context) as made:
        yield made
        for one in contexts:
            one.close()


def _hash(script: str) -> str:
    return b64encode(sha256(script.encode()).digest()).decode()


@pytest.fixture
def gate(browser: Browser, desk: Desk) -> Iterator[Gate]:
    """Give a gate before the pages, and a company that shows its figures."""
    desk.company.show()
    with Gate(int(desk.url.rpartition(":")[2])) as made:
        yield made
        for context in browser.contexts:  # what is open through it ends before it does
            context.close()
