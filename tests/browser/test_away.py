"""A page that is loaded while the server is away, in a real browser: ours, with its warning, and none too fresh."""

import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect

from tests.browser.archive import Archive, serving
from tests.browser.gate import Gate
from tests.browser.test_signin_page import sign_in
from tests.browser.watching import LISTEN, Watched
from tests.product.process import Process

NOTHING_KEPT = "!(await caches.keys()).length"
WHOLE = "await caches.match('/kept')"
PAGES = {
    "/history": "History",
    "/history/day/2026-11-20": "Fri 20 Nov 2026",
    "/reconcile": "Reconcile",
    "/sources": "Sources",
    "/entries": "Entries",
    "/alerts": "Alerts",
    "/status": "Status",
}


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """Give a product that runs; a test that ends it starts it again."""
    product = Process(tmp_path_factory.mktemp("away") / "data")
    try:
        product.until(lambda snapshot: snapshot["complete"])
        yield product
    finally:
        product.end()


@contextmanager
def opened(browser: Browser, product: Process, port: int) -> Iterator[Watched]:
    """Open the live page at a port, and wait until it moves and is kept."""
    if product.process.poll() is not None:
        product.again()
        product.until(lambda snapshot: snapshot["complete"])
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(60_000)
    context.add_init_script(LISTEN)
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{port}/")
    found = Watched(page, product)
    found.until("websocket")
    found.more()
    until(page, WHOLE)
    yield found
    context.close()


@pytest.fixture
def watched(browser: Browser, product: Process) -> Iterator[Watched]:
    with opened(browser, product, product.port) as found:
        yield found


def until(page: Page, holds: str) -> None:
    """Wait until something holds that a page can only say by and by."""
    page.evaluate(
        f"""async () => {{
          const end = Date.now() + 60_000;
          while (!({holds})) {{
            if (Date.now() > end) throw new Error("it did not come about");
            await new Promise((done) => setTimeout(done, 50));
          }}
        }}"""
    )


def figures(page: Page) -> tuple[int, str]:
    """Return the snapshot that is shown, and its net."""
    seq, net = page.evaluate(
        "[Number(document.getElementById('kpis').dataset.seq), document.querySelector('.kpi-hero .figure').textContent]"
    )
    return seq, net


def stands_still(page: Page) -> tuple[int, str]:
    """Return what a page shows that was loaded without a server, after asserting that it says so."""
    page.wait_for_selector("#kpis[data-seq]")
    banner = page.locator("#banner")
    expect(banner).to_contain_text("Not receiving updates.")
    expect(banner).to_contain_text("kept by this browser")
    expect(page.locator("html")).to_have_attribute("data-troubled", "")
    of = page.evaluate("northstar.zone.clock(northstar.store.snapshot.as_of, 'America/New_York')")
    expect(banner).to_contain_text(f"the last good snapshot from {of}")
    return figures(page)


def test_a_reload_without_a_server_shows_the_last_figures_with_a_warning_and_goes_on_with_it(watched: Watched) -> None:
    page, product = watched.page, watched.product
    product.kill()
    page.wait_for_function("() => northstar.live.log.at(-1).kind !== 'websocket'")
    page.wait_for_function("() => Number(document.getElementById('kpis').dataset.seq) === northstar.store.seq")
    last = figures(page)
    heard = page.evaluate("northstar.zone.clock(northstar.store.heardAt, 'America/New_York')")

    page.reload()

    assert stands_still(page) == last
    watched.until("offline")
    title = re.compile(rf"^Nothing received since {heard}: the server is not reached; next try ")
    expect(page.locator("#connection-button")).to_have_attribute("title", title)
    expect(page.locator("#chip-kalshi")).to_contain_text("unknown")
    shown, real = page.evaluate(
        "[document.querySelector('.badge-age').textContent,"
        " (Date.now() - Date.parse(northstar.store.snapshot.as_of)) / 1000]"
    )
    assert re.fullmatch(r"\d+ s|\d+ m.*", shown), shown
    assert shown.endswith("m") or abs(int(shown.split()[0]) - real) < 5, (shown, real)

    product.again()
    watched.until("websocket", 60)
    watched.shows(watched.more())
    expect(page.locator("#banner .banner")).to_have_count(0)
    assert watched.whole()[0] > last[0]


def test_no_number_is_missed_from_before_a_reload_to_after_it(browser: Browser, product: Process) -> None:
    with Gate(product.port) as gate, opened(browser, product, gate.port) as watched:
        gate.shut(b"/")
        watched.page.wait_for_function("() => northstar.live.log.at(-1).kind !== 'websocket'")
        before = watched.whole()

        watched.page.reload()
        stands_still(watched.page)
        gate.open()
        watched.until("websocket", 60)
        watched.shows(watched.more())

        seqs = [*before, *watched.whole()]
        assert all(two == one + 1 for one, two in pairwise(seqs)), seqs


def test_a_new_tab_opens_every_page_without_a_server(watched: Watched) -> None:
    watched.product.kill()
    tab = watched.page.context.new_page()
    url = f"http://127.0.0.1:{watched.product.port}"

    tab.goto(url)
    stands_still(tab)
    for path, title in PAGES.items():
        tab.goto(url + path)
        expect(tab.get_by_role("heading", level=1)).to_have_text(title)
        expect(tab.locator("#banner")).to_contain_text(
            "Not receiving updates. This page is read when the server answers."
        )
        if path == "/history":
            shown, all_of_it = tab.evaluate(
                "[document.querySelector('.history-stats > .empty'), document.querySelector('.history-stats')]"
                ".map((one) => one.clientWidth)"
            )
            assert shown > all_of_it - 4, (shown, all_of_it)
    tab.locator("#tab-live").click()
    tab.wait_for_selector("#kpis[data-seq]")

    stands_still(tab)


def test_a_server_that_hangs_is_not_waited_for(watched: Watched) -> None:
    group = os.getpgid(watched.product.process.pid)
    os.killpg(group, signal.SIGSTOP)
    try:
        watched.page.reload(wait_until="commit")
        shown = stands_still(watched.page)
    finally:
        os.killpg(group, signal.SIGCONT)
    watched.until("websocket", 60)
    watched.shows(watched.more())

    assert watched.applied()[0][0] == shown[0] + 1
    watched.whole()


def test_what_is_kept_is_of_one_version_and_holds_no_figure(watched: Watched) -> None:
    page = watched.page
    page.evaluate("caches.open('pnl of before').then((cache) => cache.put('/kept', new Response('{\"pages\":[]}')))")
    page.reload()
    until(page, "!(await caches.has('pnl of before'))")

    held = page.evaluate(
        "async () => { const cache = await caches.open((await caches.keys())[0]);"
        " return Promise.all((await cache.keys()).map(async (one) => [new URL(one.url).pathname, one.method,"
        " (await cache.match(one)).status, await (await cache.match(one)).text()])); }"
    )

    paths = [path for path, *_ in held]
    assert "/assets/all.js" in paths
    assert all(path == "/kept" or path.startswith(("/assets/", "/_dash-component-suites/")) for path in paths), paths
    assert {(method, status) for _, method, status, _ in held} == {("GET", 200)}
    told = next(text for path, _, _, text in held if path == "/kept")
    net = watched.product.current()["net"]
    assert net not in told
    assert not re.search(r"\$\d", told)


@dataclass
class House:
    """A product at which people sign in, behind a gate."""

    archive: Archive
    gate: Gate

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.gate.port}"


@pytest.fixture
def house(browser: Browser, tmp_path: Path) -> Iterator[House]:
    contexts: list[BrowserContext] = []

    def context(theme: str, width: int) -> BrowserContext:
        made = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=theme)  # type: ignore[arg-type]  # typed as literals
        made.set_default_timeout(60_000)
        contexts.append(made)
        return made

    with serving(tmp_path, context, signs_in=True) as archive, Gate(int(archive.url.rpartition(":")[2])) as gate:
        yield House(archive, gate)
        for one in contexts:
            one.close()


def signed_in(house: House) -> Page:
    page = house.archive.context("dark", 1440).new_page()
    page.goto(house.url)
    sign_in(page, "bob")
    page.wait_for_selector("#kpis[data-seq]")
    until(page, WHOLE)
    page.wait_for_function("() => localStorage.getItem('pnl.snapshot') !== null")
    return page


def sees_nothing(page: Page, house: House) -> None:
    """Assert that without a server the browser has nothing of ours to show."""
    assert page.evaluate("localStorage.getItem('pnl.snapshot')") is None
    until(page, NOTHING_KEPT)
    house.gate.shut(b"/")
    with pytest.raises(Error, match="net::ERR_"):
        page.goto(house.url)
    assert page.locator("#kpis").count() == 0


def test_whoever_signs_out_leaves_no_page_and_no_figure_behind(house: House) -> None:
    page = signed_in(house)

    page.get_by_role("button", name="Sign out").click()

    expect(page).to_have_title("Sign in · NorthStar P&L")
    sees_nothing(page, house)


def test_whoever_signs_out_while_the_server_is_away_leaves_nothing_behind_either(house: House) -> None:
    page = signed_in(house)
    house.gate.shut(b"/")
    page.reload()
    page.wait_for_selector("#kpis[data-seq]")

    with page.expect_event("requestfailed", lambda asked: asked.url.endswith("/signout")):
        page.get_by_role("button", name="Sign out").click()
    with pytest.raises(Error, match="net::ERR_"):
        page.goto(house.url)

    house.gate.open()
    later = page.context.new_page()
    later.goto(f"{house.url}/healthz")
    sees_nothing(later, house)


def test_a_session_that_is_over_leaves_nothing_behind(house: House) -> None:
    page = signed_in(house)
    page.context.clear_cookies()

    page.reload()

    expect(page).to_have_title("Sign in · NorthStar P&L")
    sees_nothing(page, house)


def test_an_open_page_that_is_not_let_in_any_more_forgets_what_it_kept(house: House) -> None:
    page = signed_in(house)
    other = page.context.new_page()
    other.goto(house.url)
    other.get_by_role("button", name="Sign out").click()
    expect(other).to_have_title("Sign in · NorthStar P&L")

    house.archive.doorkeeper.look()
    expect(page.locator("#banner")).to_contain_text("not allowed")

    sees_nothing(page, house)


def test_a_page_whose_session_was_ended_says_that_it_has_stopped_and_what_to_do(house: House) -> None:
    page = signed_in(house)
    page.evaluate(
        "globalThis.said = []; const place = document.getElementById('announcements');"
        "new MutationObserver(() => said.push(place.textContent)).observe(place, { childList: true, subtree: true })"
    )
    other = page.context.new_page()
    other.goto(house.url)
    other.get_by_role("button", name="Sign out").click()
    expect(other).to_have_title("Sign in · NorthStar P&L")

    house.archive.doorkeeper.look()

    badge = page.locator("#connection-button")
    expect(badge.locator(".badge-word")).to_have_text("Stopped")
    expect(badge.locator(".badge-small")).to_have_text("load again")
    expect(badge).to_have_attribute("title", re.compile(r"^Stopped since [\d:]+: this page is not allowed"))
    expect(badge).to_have_attribute("aria-label", re.compile("^Connection: Stopped load again"))
    stopped = "The updates have stopped. This page is not allowed to receive figures any more. Load it again."
    page.wait_for_function("text => said.includes(text)", arg=stopped)
    badge.click()
    opens = page.get_by_role("dialog", name="Connection")
    expect(opens).not_to_contain_text("Next try")
    opens.get_by_role("link", name="Load again").click()
    expect(page).to_have_title("Sign in · NorthStar P&L")
