"""Which reconciliation checks cover a figure: their names and scopes, and how they stand."""

from collections.abc import Iterable
from datetime import UTC, date, timedelta
from typing import Final

from pnl.domain.explain.figures import SUMS, Figure
from pnl.domain.ledger import Ledger

ACCOUNT: Final = (("I5_cash", "account"), ("I6_equity", "account"))
COSTS: Final = ("api_cost_rows", "api_cost_usage", "api_cost", "api_cost_restated")
_OF_FIELD: Final = {
    "position": ("I1_position",),
    "realised": ("I3_realised",),
    "fees": ("I2_fees",),
    "total_traded": ("I2_total_traded",),
    "value": ("I1_position",),
    "mark": (),
    "last_price": (),
}
_OF_HELD: Final = ("I1_position", "I3_exposure")


def covering(figure: Figure, ledger: Ledger, days: Iterable[date]) -> list[tuple[str, str]]:
    """Return the (name, scope) of the checks that cover a figure of some days, or of the instant that ends them."""
    name, found = figure.name, list[tuple[str, str]]()
    known = list(days)
    if figure.check:
        return [(figure.check, figure.scope)]
    if figure.ticker:
        return [*_of_market(ledger, figure.ticker, _OF_FIELD.get(figure.field, _OF_HELD))]
    if figure.case:
        rows = [row for row in ledger.rows() if figure.event in ("", row.event_ticker, row.ticker)]
        return [pair for row in rows for pair in _of_market(ledger, row.ticker, _OF_HELD)]
    if figure.field or name in ("unrealised_total", "positions_value", "exposure"):
        field = figure.field or ("value" if name == "positions_value" else name)
        names = _OF_FIELD.get(field, _OF_HELD)
        return [pair for row in ledger.rows() for pair in _of_market(ledger, row.ticker, names)]
    net = name in ("net", "net_realised", "cumulative_net")
    lines = {name} if net else {*SUMS.get(name, (name,))}
    if net or "operating_cost" in lines:  # what is entered by hand nobody else tells: the net is held against it
        found += [("identity", "net"), *(ACCOUNT if net else ())]
    if name in ("cash", "equity"):
        found += [*ACCOUNT, ("I5_netting", "account")]
    if lines & {"cash", "other_income"}:
        found += [("I5_credit", credit) for credit in ledger.cash.credits]
    if "other_income" in lines:
        found.append(ACCOUNT[0])
    if net or "api_cost" in lines:
        found += [(check, day) for day in _utc_days(ledger, known) for check in COSTS]
    if net or lines & {*SUMS["revenue_total"]}:
        found += [("revenue_read", source) for source in sorted(ledger.revenue.sources) if source != "manual"]
    if net or lines & {*SUMS["revenue_total"], "operating_cost"}:
        found += [("revenue_clash", day.isoformat()) for day in known]
    for line in sorted(lines):
        found += _of_trading(line, ledger, known)
    return list(dict.fromkeys(found))


def _of_trading(name: str, ledger: Ledger, days: list[date]) -> list[tuple[str, str]]:
    names = {"trading_realised": "I3_realised", "trading_fees": "I2_fees"}
    if name == "trading_unrealised":
        return [pair for row in ledger.rows() for pair in _of_market(ledger, row.ticker, _OF_HELD)]
    if name not in names:
        return []
    tickers = dict.fromkeys(ticker for day in days for ticker in ledger.book.traded(day))
    return [*ACCOUNT, *(pair for ticker in tickers for pair in _of_market(ledger, ticker, (names[name],)))]


def _of_market(ledger: Ledger, ticker: str, names: Iterable[str]) -> list[tuple[str, str]]:
    market = ledger.book.markets.get(ticker)
    if market is not None and market.settlement is not None:
        return [("I4_settlement", ticker)]
    return [(name, ticker) for name in names]


def _utc_days(ledger: Ledger, days: list[date]) -> list[str]:
    found: dict[str, None] = {}
    for day in days:
        start, end = ledger.calendar.bounds(day)
        for at in (start, end - timedelta(microseconds=1)):
            found[at.astimezone(UTC).date().isoformat()] = None
    return list(found)
