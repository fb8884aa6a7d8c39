"""Which days the tests of the history page ask for, and what the API and the page tell of them."""

from decimal import Decimal
from typing import Any

from playwright.sync_api import Page

from tests.browser.archive import Archive

RANGE = "from=2026-11-18&to=2026-11-20"
READY = ".history-days tfoot"


def told(archive: Archive, path: str) -> Any:  # noqa: ANN401 - JSON
    """Return what the API says."""
    return archive.context("dark", 500).request.get(f"{archive.url}/api/pnl/{path}").json()


def exact(page: Page, selector: str) -> list[Decimal]:
    """Return the exact amounts behind what some elements print."""
    texts = page.eval_on_selector_all(selector, "nodes => nodes.map(node => node.dataset.exact)")
    return [Decimal(text) for text in texts if text]
