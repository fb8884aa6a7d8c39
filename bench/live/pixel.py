"""From the start of a tick to the pixel: how long until a real browser has drawn what a tick brought.

`python -m bench.live.pixel` starts the product on its sandbox with a tick a second, which begins on the
full second, opens the live page in headless Chromium and notes, for each snapshot, when the frame
after its drawing begins. The clock is this machine's for both.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time

import httpx
from playwright.sync_api import sync_playwright

from tests.browser.chromium import ARGUMENTS, BROWSER

SECONDS = 120
PORT = 8971
WATCH = """
window.drawn = [];
document.addEventListener("pnl:applied", () => requestAnimationFrame(() => requestAnimationFrame(() => {
  window.drawn.push(Date.now() % 1000);
})));
"""


def main() -> None:
    """Measure for two minutes, and print the milliseconds."""
    with tempfile.TemporaryDirectory() as folder:
        settings = {"PNL_PORT": str(PORT), "PNL_DATA_DIR": folder, "PNL_INTERVAL_SECONDS": "1"}
        product = subprocess.Popen([sys.executable, "app.py"], env={**os.environ, **settings})
        try:
            _until_ready()
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=BROWSER, args=ARGUMENTS)
                page = browser.new_page(viewport={"width": 1440, "height": 900})
                page.add_init_script(WATCH)
                page.goto(f"http://127.0.0.1:{PORT}/")
                page.wait_for_selector(".curve-chart .main-svg")
                page.evaluate("window.drawn.length = 0")
                page.wait_for_function("count => window.drawn.length >= count", arg=SECONDS, timeout=2 * SECONDS * 1000)
                drawn = sorted(page.evaluate("window.drawn"))
                browser.close()
        finally:
            product.terminate()
            product.wait(15)
    print(f"{len(drawn)} ticks; from the start of the tick to the frame after its drawing, ms:")
    print(f"p50 {statistics.median(drawn):.0f}, p99 {drawn[int(len(drawn) * 0.99)]:.0f}, worst {drawn[-1]:.0f}")


def _until_ready() -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            if httpx.get(f"http://127.0.0.1:{PORT}/readyz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise TimeoutError("the product did not start")


if __name__ == "__main__":
    main()
