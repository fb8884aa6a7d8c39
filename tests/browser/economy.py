"""The month of a fake company: invented days before today, told by the product's own route."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo

from flask import Flask

from pnl.cache import open_cache
from pnl.clock import SystemClock
from pnl.domain.company_day import Calendar
from pnl.domain.money import DOLLAR, Nano, nano
from pnl.domain.snapshot import LINES
from pnl.ports import History, SnapshotRow, Store
from pnl.web.economics import economics
from pnl.web.query import Days
from tests.browser.fake import ZONE, Company

BUDGET = nano("4000")


@dataclass(frozen=True, slots=True)
class PastDay:
    """A day that is over."""

    day: date
    lines: Mapping[str, Nano | None]


class Month:
    """Gives the days before today: each cost 60 dollars for API use, and brought 200 by trading and 900 of revenue."""

    def __init__(self, company: Company) -> None:
        self.company = company

    def days(self, since: date | None, until: date | None, at: datetime | None = None) -> Sequence[PastDay]:
        """Return the days of [since, until)."""
        del at
        assert since
        assert until
        told: dict[str, Nano | None] = dict.fromkeys(LINES, 0)
        told |= {"api_cost": -60 * DOLLAR, "trading_realised": 200 * DOLLAR, "revenue": 900 * DOLLAR}
        return [PastDay(since + timedelta(days=number), told) for number in range((until - since).days)]

    def last_row(self) -> SnapshotRow:
        """Return the newest snapshot."""
        lines = self.company.lines()
        net = sum(amount for amount in lines.values() if amount is not None)
        return SnapshotRow(
            seq=self.company.seq,
            as_of=self.company.at,
            day=self.company.at.astimezone(ZoneInfo(ZONE)).date(),
            lines=lines,
            net=net,
            net_realised=net,
            complete=True,
            quality="ok",
            unrealised_total=0,
        )

    def row_at(self, at: datetime) -> SnapshotRow:
        """Return the newest snapshot, whatever the instant."""
        del at
        return self.last_row()

    def head(self) -> int:
        """Return the newest sequence."""
        return self.company.seq


def serve_month(app: Flask, company: Company) -> None:
    """Add the route."""
    month = Month(company)
    cache = open_cache(None, stream="k3f9x2", settings=ZONE, clock=SystemClock())
    calendar = Calendar(ZoneInfo(ZONE))
    app.register_blueprint(economics(cast("History", month), cast("Store", month), calendar, Days(ZONE), cache, BUDGET))
