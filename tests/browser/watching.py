"""A page of the running product that is watched: what its live feed brought, in which order, by which way."""

import json
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from playwright.sync_api import Error, Page

from tests.product.process import Process

# The waits of the page, shortened; their order is that of the product.
TIMING = {
    "silence": 3_000,
    "opening": 2_000,
    "comeback": 2_000,
    "eventsSilence": 6_000,
    "pollEvery": 1_500,
    "pollAnswer": 3_000,
    "pollPatience": 6_000,
    "climbFirst": 2_000,
    "climbLast": 4_000,
    "pingEvery": 500,
    "doubt": 1_500,
    "fresh": 2_000,
    "slowPatience": 30_000,
    "watchEvery": 500,
    "asleep": 4_000,
}
LISTEN = f"""
window.northstar = window.northstar || {{}};
northstar.timing = {json.dumps(TIMING)};
window.applied = [];
document.addEventListener("pnl:applied", (event) => window.applied.push([event.detail.seq, event.detail.tier]));
"""


@dataclass
class Watched:
    """A page of a running product, and what was applied to it."""

    page: Page
    product: Process

    def tier(self) -> str:
        """Return what carries the figures now."""
        found: str = self.page.evaluate("northstar.live.log.at(-1)?.kind ?? ''")
        return found

    def until(self, kind: str, seconds: float = 30) -> None:
        """Wait until the page is on a tier."""
        try:
            self.page.wait_for_function(
                "kind => northstar.live?.log.at(-1)?.kind === kind", arg=kind, timeout=seconds * 1000
            )
        except Error as error:
            raise AssertionError(self.page.evaluate("northstar.live?.log")) from error

    def applied(self) -> list[tuple[int, str]]:
        """Return the sequences that were applied, with the tier that brought them."""
        found: list[list[Any]] = self.page.evaluate("window.applied")
        return [(seq, tier) for seq, tier in found]

    def more(self, count: int = 3, seconds: float = 30) -> int:
        """Wait for some more snapshots, and return the newest sequence."""
        before = len(self.applied())
        self.page.wait_for_function(
            "count => window.applied.length >= count", arg=before + count, timeout=seconds * 1000
        )
        return self.applied()[-1][0]

    def shows(self, seq: int) -> None:
        """Wait until the page is drawn from a snapshot at least as new."""
        self.page.wait_for_function(
            "seq => Number(document.getElementById('kpis')?.dataset.seq) >= seq", arg=seq, timeout=20_000
        )

    def whole(self) -> list[int]:
        """Return all sequences that were applied, after asserting that none is missing and none comes twice."""
        seqs = [seq for seq, _ in self.applied()]
        assert seqs, "nothing was applied"
        gaps = [(one, two) for one, two in pairwise(seqs) if two != one + 1]
        assert not gaps, (gaps, self.applied(), self.page.evaluate("northstar.live.log"))
        return seqs
