"""At the limit of live connections, in a real browser: a page is told why it polls, and comes back with room."""

from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.browser.watching import LISTEN, Watched
from tests.live.wire import Wire
from tests.product.process import Process


def test_a_page_for_which_there_is_no_place_says_so_until_there_is_one(browser: Browser, tmp_path: Path) -> None:
    product = Process(tmp_path / "data", PNL_MAX_CLIENTS="1")
    try:
        product.until(lambda snapshot: snapshot["complete"])
        first = Wire(product.port)
        first.message()

        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.set_default_timeout(60_000)
        context.add_init_script(LISTEN)
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{product.port}/")
        watched = Watched(page, product)
        watched.until("polling")
        watched.more()
        badge = page.locator("#connection-button")
        expect(badge).to_contain_text("Polling")
        why = "the server has as many live connections as it allows"
        said = f"{why}; figures come every {page.evaluate('northstar.badge.pollSeconds()')} s"
        page.wait_for_function("said => document.getElementById('connection-button').title.includes(said)", arg=said)
        badge.click()
        expect(page.get_by_role("dialog")).to_contain_text(why)

        first.socket.close()
        watched.until("websocket", 60)
        watched.shows(watched.more())
        watched.whole()
        context.close()
    finally:
        product.end()
