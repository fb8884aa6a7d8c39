"""A page on a bad network; a program, for it runs in a network of its own.

`unshare --net python -m tests.browser.lossy FOLDER [narrow]` ends with 0 when no number was missed or shown twice,
while three packets in ten are lost, or while all goes through a line of 64 kbit/s.
"""

import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.chromium import ARGUMENTS, CHROMIUM
from tests.browser.watching import LISTEN, Watched
from tests.product.process import Process

NARROW = ["dev", "lo", "root", "tbf", "rate", "64kbit", "burst", "16kb", "latency", "400ms"]
RULE = ["INPUT", "-i", "lo", "-m", "statistic", "--mode", "random", "--probability", "0.3", "-j", "DROP"]


def main(folder: Path, *, narrow: bool) -> None:
    """Watch a page while the network is bad, and after."""
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
            if narrow:
                _run("ip", "link", "set", "lo", "mtu", "1500")
                _run("tc", "qdisc", "add", *NARROW)
            else:
                _run("iptables", "-A", *RULE)
            watched.more(15, seconds=90)
            if narrow:
                _run("tc", "qdisc", "del", "dev", "lo", "root")
            else:
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
    main(Path(sys.argv[1]), narrow="narrow" in sys.argv[2:])
