"""The time of a browser whose clock a test holds."""

import time
from collections.abc import Callable
from typing import Final

from playwright.sync_api import Page

PATIENCE_SECONDS: Final = 60


def run_until(page: Page, shown: Callable[[], bool]) -> None:
    """Let the browser's time pass, a second at a time, until what is waited for is there, however busy it is."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not shown():
        assert time.monotonic() < end, "what was waited for is not shown"
        page.clock.run_for(1_000)
