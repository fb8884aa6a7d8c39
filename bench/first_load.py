"""What a first visit and a reload of the live page cost: `python -m bench.first_load [rounds]`.

Starts the product on its sandbox, opens the live page in headless Chromium, each time with an empty cache and then
again with a full one, and prints the bytes on the wire as Chromium counts them (headers included), the requests, and
how long it took from the navigation to the first figure and until chart, table, activity and figures were drawn.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field

import httpx
from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from tests.browser.chromium import ARGUMENTS, BROWSER

PORT = 8972
ADDRESS = f"http://127.0.0.1:{PORT}/"
ROUNDS = 7
LIMITS = {"first": (1_700_000, 2500), "again": (80_000, 800)}
WATCH = """
window.at = {};
(function look() {
  const seen = (selector) => [...document.querySelectorAll(selector)].some((each) => each.getClientRects().length);
  if (!window.at.figure && seen(".kpi-hero .figure")) window.at.figure = performance.now();
  const all = ["#kpis[data-seq]", ".curve-chart .main-svg", "#positions[data-seq] tbody tr", ".event"];
  if (!window.at.done && all.every(seen)) window.at.done = performance.now();
  if (!window.at.done) requestAnimationFrame(look);
})();
"""


@dataclass
class Visit:
    """What one visit took: bytes of each request, milliseconds until the first figure, and until all was drawn."""

    sizes: dict[str, int] = field(default_factory=dict)
    figure: float = 0
    done: float = 0

    @property
    def bytes(self) -> int:
        """All bytes on the wire."""
        return sum(self.sizes.values())


def main() -> None:
    """Print a table of the first visit and of the reload, and what the first is made of."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    with tempfile.TemporaryDirectory() as folder:
        settings = {"PNL_PORT": str(PORT), "PNL_DATA_DIR": folder}
        product = subprocess.Popen([sys.executable, "app.py"], env={**os.environ, **settings})
        try:
            _until_ready()
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=BROWSER, args=ARGUMENTS)
                pairs = [_visits(browser) for _ in range(rounds)]
                browser.close()
        finally:
            product.terminate()
            product.wait(15)
    print("| | KB on the wire | limit | requests | first figure, ms | all drawn, ms: best, median, worst | limit |")
    print("|---|---|---|---|---|---|---|")
    for name, visits in (("first", [first for first, _ in pairs]), ("again", [again for _, again in pairs])):
        _print(name, visits)
    print("\nThe first visit, KB:")
    for path, size in sorted(pairs[0][0].sizes.items(), key=lambda each: -each[1])[:12]:
        print(f"{size / 1000:8.1f}  {path}")


def _visits(browser: Browser) -> tuple[Visit, Visit]:
    """Return a visit with nothing in the cache, and another with everything."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.add_init_script(WATCH)
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    first = _visit(page, network)
    again = _visit(page, network)
    context.close()
    return first, again


def _visit(page: Page, network: CDPSession) -> Visit:
    found = Visit()
    asked: dict[str, str] = {}

    def sent(event: dict[str, dict[str, str]]) -> None:
        asked[str(event["requestId"])] = event["request"]["url"]

    def ended(event: dict[str, float]) -> None:
        address = asked.get(str(event["requestId"]), "?")
        assert address.startswith((ADDRESS, "data:", "blob:", "?")), f"a request went to {address}"
        path = address.removeprefix(ADDRESS)
        found.sizes[path] = found.sizes.get(path, 0) + int(event["encodedDataLength"])

    network.on("Network.requestWillBeSent", sent)
    network.on("Network.loadingFinished", ended)
    page.goto(ADDRESS)
    page.wait_for_function("() => window.at.done")
    page.wait_for_load_state("networkidle")
    network.remove_listener("Network.requestWillBeSent", sent)
    network.remove_listener("Network.loadingFinished", ended)
    found.figure, found.done = page.evaluate("[window.at.figure, window.at.done]")
    return found


def _print(name: str, visits: list[Visit]) -> None:
    most_bytes, most_ms = LIMITS[name]
    sizes = statistics.median(visit.bytes for visit in visits)
    done = sorted(visit.done for visit in visits)
    figure = statistics.median(visit.figure for visit in visits)
    print(
        f"| {name} | {sizes / 1000:,.0f} | {most_bytes / 1000:,.0f} | {len(visits[0].sizes)} | {figure:,.0f} "
        f"| {done[0]:,.0f}, {statistics.median(done):,.0f}, {done[-1]:,.0f} | {most_ms:,} |"
    )


def _until_ready() -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            if httpx.get(f"{ADDRESS}readyz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise TimeoutError("the product did not start")


if __name__ == "__main__":
    main()
