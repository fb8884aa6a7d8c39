"""A page on a network that loses three packets in ten; a program, for it runs in a network of its own.

`unshare --net python -m tests.browser.lossy FOLDER` ends with 0 when no number was missed or shown twice.
"""

import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.watching import LISTEN, Watched
from tests.product.process import Process

RULE = ["INPUT", "-i", "lo", "-m", "statistic", "--mode", "random", "--probability", "0.3", "-j", "DROP"]


def main(folder: Path) -> None:
    """Watch a page while packets are lost, and after."""
    _run("ip", "link", "set", "lo", "up")
    product = Process(folder / "data")
    try:
        product.until(lambda snapshot: snapshot["complete"])
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            context = browser.new_context()
            context.add_init_script(LISTEN)
            page = context.new_page()
            page.goto(f"http://127.0.0.1:{product.port}/")
            watched = Watched(page, product)
            watched.until("websocket")
            _run("iptables", "-A", *RULE)
            watched.more(15, seconds=90)
            _run("iptables", "-D", *RULE)
            watched.until("websocket", 60)
            watched.shows(watched.more())
            watched.whole()
            browser.close()
    finally:
        product.end()


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
