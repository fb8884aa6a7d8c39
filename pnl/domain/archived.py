"""Settlements that Kalshi no longer lists: made from the market's outcome and our own fills.

A settlement row is archived some weeks after it was paid. The fills of its market can still be read,
so without the row a position would stay open for ever that has long been paid out.
"""

from datetime import datetime

from pnl.domain.book import MarketBook
from pnl.domain.money import DOLLAR, cost_of
from pnl.domain.positions import whole_cents
from pnl.domain.records import Mark, Market, Settlement

FINAL = "finalized"


def archived(market: MarketBook, mark: Mark | None, about: Market | None) -> Settlement | None:
    """Return the settlement row that this market must have had; None while its outcome is not final.

    It settled when it closed, as far as can be known.
    """
    if market.settlement or mark is None or mark.status != FINAL or mark.settlement_value is None:
        return None
    value, ours = mark.settlement_value, market.position
    held = [position.contracts for position in market.held.values()]
    paid = sum(cost_of(count, value) if count > 0 else cost_of(-count, DOLLAR - value) for count in held)
    return Settlement(
        id=market.ticker,
        ticker=market.ticker,
        event_ticker=about.event_ticker if about else "",
        at=_closed(market, mark, about),
        result={DOLLAR: "yes", 0: "no"}.get(value, "scalar"),
        yes_count=ours.yes_count,
        yes_cost=ours.yes_cost,
        no_count=ours.no_count,
        no_cost=ours.no_cost,
        revenue=whole_cents(paid),
        fee=ours.fees,
        value=value,
    )


def _closed(market: MarketBook, mark: Mark, about: Market | None) -> datetime:
    latest_fill = max((fill.at for fill in market.fills), default=mark.at)
    close = about.close_time if about and about.close_time else mark.at
    return max(latest_fill, min(close, mark.at))
