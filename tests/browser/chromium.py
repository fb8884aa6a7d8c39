"""Which Chromium the tests drive, and how it is started.

The headless shell is the same engine without a browser's windows; a page costs half as much in it. Where the system has
no package of it, the whole browser does the same.
"""

from shutil import which

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FOUND = [found for name in NAMES if (found := which(name))] or ["/usr/bin/chromium-headless-shell"]
CHROMIUM = _FOUND[0]
BROWSER = _FOUND[min(1, len(_FOUND) - 1)]  # what people have, to measure with: whole where it is installed
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
