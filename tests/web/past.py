"""Three days of a company, and a server of what explains them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from flask import Flask

from pnl.cache import open_cache
from pnl.domain.money import nano
from pnl.domain.records import Anchor, Balance, Cost, Record
from pnl.web.breakdown import Breaking, breakdown
from pnl.web.describe import describe
from pnl.web.edges import REMEMBERED, Edges
from pnl.web.explain import PATHS, SCHEMAS, explain
from pnl.web.explained import Explained
from pnl.web.problems import speak_problems
from pnl.web.query import Days
from tests.domain.strategies import entry, fill, mark, record, report, row_of, settlement, transfer
from tests.history.company import Company
from tests.web.kept import ZONE, Kept

FIRST = datetime(2026, 11, 18, 15, tzinfo=UTC)
DAY = timedelta(days=1)


def api(day: datetime, dollars: str, *, used: bool = True) -> list[Record]:
    """Return what Anthropic reports for a UTC day so far; its usage, which is nothing, was read where `used`."""
    midnight = day.replace(hour=0, minute=0, second=0, microsecond=0)
    cost = Cost(
        id=f"{midnight:%Y-%m-%d}|opus",
        start=midnight,
        end=midnight + DAY,
        amount=Decimal(dollars),
        currency="USD",
        model="claude-opus-5-5",
        token_type="output_tokens",
        cost_type="tokens",
        service_tier="standard",
        context_window="0-200k",
        inference_geo="global",
        workspace_id="wrkspc_research",
        description=None,
    )
    anchor = Anchor(
        id=f"{midnight:%Y-%m-%d}",
        day=midnight.date(),
        read_at=day,
        watermark=None,
        reported=Decimal(dollars),
        usage_known=used,
        list_values={},
    )
    return [record(cost), record(anchor)]


def three_days(folder: Path) -> Kept:
    """Return three days of ticks: a market held over midnight, one that settles, sales, costs, a deposit."""
    made = Kept(folder)
    live(made)
    return made


def live(made: Kept | Company) -> None:
    """Have a company tick through the three days."""
    nights = [FIRST.replace(hour=hour) + number * DAY for number in (0, 1, 2) for hour in (15, 20, 23)]
    made.tick(nights[0], Balance(at=nights[0], cash=nano("1000"), portfolio_value=0), *api(FIRST - DAY, "30"))
    made.tick(
        nights[1],
        fill("yes", "100", "0.42", "1.7052", ticker="KXFED-1", at=nights[1] - timedelta(minutes=9), name="f1"),
        fill("no", "50", "0.30", "0.735", ticker="KXGAS-2", at=nights[1] - timedelta(minutes=8), name="f2"),
        *api(nights[1], "10"),
        marks=[
            mark("KXFED-1", bid="0.41", ask="0.43", at=nights[1]),
            mark("KXGAS-2", bid="0.66", ask="0.69", at=nights[1]),
        ],
    )
    made.tick(
        nights[2],
        replace(entry("sale", "250.00", nights[2].date(), name="inv-1", fee="-7.55"), customer="Ada & Sons"),
        entry("operating_cost", "-300.00", nights[0].date(), name="rent", recurs="monthly"),
        marks=[mark("KXFED-1", bid="0.47", ask="0.49", at=nights[2])],
    )
    made.tick(nights[3], *api(nights[1], "24.5"), *api(nights[3], "3"))
    made.tick(
        nights[4],
        fill("no", "40", "0.45", "0.6", ticker="KXFED-1", at=nights[4] - timedelta(minutes=5), name="f3"),
        transfer("500", at=nights[4], name="deposit:1"),
        marks=[mark("KXFED-1", bid="0.55", ask="0.57", at=nights[4])],
    )
    made.tick(nights[5], settlement("no", no=("50", "15"), revenue=5000, fee="0.735", ticker="KXGAS-2", at=nights[5]))
    made.tick(nights[6], *api(nights[3], "12"), *api(nights[6], "1"))
    cash = nano("1511.9598") + nano("2.50")  # an interest that no endpoint reports
    rows = {"KXFED-1": row_of(made.ledger.book.markets["KXFED-1"].position, "KXFED-1")}
    for second in (0, 10, 20, 30):
        at = nights[7] + timedelta(seconds=second)
        made.tick(at, report=report(cash, rows, at=at))
    made.tick(nights[8], entry("refund", "-20.00", nights[8].date(), name="inv-2"))


def app(kept: Kept, *, remembered: int = REMEMBERED) -> Flask:
    """Return a server of the two routes, which keeps so many edges of days in mind."""
    made = Flask("explained")
    speak_problems(made, 10)
    cache = open_cache(None, stream="s", settings="", clock=kept.clock)
    edges = Edges(kept.store, kept, remembered=remembered)
    explained = Explained(kept.figures, kept.store, kept, edges=edges, calendar=kept.calendar, stated=kept.stated)
    days = Days(ZONE.key)
    made.register_blueprint(explain(explained, kept.store, days, cache))
    made.register_blueprint(breakdown(Breaking(edges, kept.calendar, kept.stated), explained, days, cache))
    describe(made, PATHS, SCHEMAS)
    return made
