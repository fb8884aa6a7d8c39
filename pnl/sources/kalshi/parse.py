"""Kalshi's rows into records. Unknown fields are ignored; what we count with must be there and exact.

Read from Kalshi's OpenAPI 3.28 to 3.34 and its changelog up to 2026-10-08. Every function raises
`SourceGarbled`, naming the row and the value that was wrong.
"""

from datetime import datetime

from pnl.domain.money import DOLLAR, Nano
from pnl.domain.records import Fill, Mark, Record, ReportedPosition, Settlement, Side, Transfer
from pnl.sources.kalshi.fields import (
    Row,
    cents,
    contracts,
    dollars,
    flag,
    instant,
    number_or_zero,
    text,
    unix,
)
from pnl.sources.reading import raw_json, reading

SOURCE = "kalshi"
DECIDED = frozenset({"determined", "disputed", "amended", "finalized"})


def fill(row: Row) -> Record:
    """Return a fill. Only `outcome_side` tells its side: `side` and `action` mean something else."""
    with reading(SOURCE, f"fill {row.get('fill_id') or row.get('trade_id')}"):
        subaccount = number_or_zero(row, "subaccount_number")
        record_id = text(row, "fill_id") if "fill_id" in row else text(row, "trade_id")
        if subaccount:
            record_id += f"#{subaccount}"
        at = unix(row, "ts") if row.get("created_time") is None else instant(row, "created_time")
        side = _side(row)
        fact = Fill(
            id=record_id,
            ticker=text(row, "ticker") if "ticker" in row else text(row, "market_ticker"),
            subaccount=subaccount,
            at=at,
            side=side,
            count=contracts(row, "count_fp"),
            price=_price(row, f"{side}_price_dollars"),
            fee=dollars(row, "fee_cost"),
            order_id=text(row, "order_id"),
            is_taker=flag(row, "is_taker"),
        )
        if fact.count <= 0:
            raise ValueError(f"the field 'count_fp' is {row['count_fp']!r}, not above zero")
        return Record(source=SOURCE, kind="fill", id=record_id, effective_at=at, fact=fact, raw=raw_json(row))


def settlement(row: Row) -> Record:
    """Return a settlement."""
    with reading(SOURCE, f"settlement of {row.get('ticker')}"):
        ticker = text(row, "ticker")
        subaccount = number_or_zero(row, "subaccount_number")
        record_id = f"{ticker}#{subaccount}" if subaccount else ticker
        at = instant(row, "settled_time")
        fact = Settlement(
            id=record_id,
            ticker=ticker,
            event_ticker=text(row, "event_ticker"),
            at=at,
            result=text(row, "market_result"),
            yes_count=contracts(row, "yes_count_fp"),
            yes_cost=dollars(row, "yes_total_cost_dollars"),
            no_count=contracts(row, "no_count_fp"),
            no_cost=dollars(row, "no_total_cost_dollars"),
            revenue=cents(row, "revenue"),
            fee=dollars(row, "fee_cost"),
            value=None if row.get("value") is None else cents(row, "value"),
        )
        return Record(source=SOURCE, kind="settlement", id=record_id, effective_at=at, fact=fact, raw=raw_json(row))


def transfer(row: Row, direction: str) -> Record:
    """Return a deposit or a withdrawal; it moves cash only while its status is `applied`.

    Args:
        row: As listed.
        direction: `deposit` or `withdrawal`.
    """
    with reading(SOURCE, f"{direction} {row.get('id')}"):
        record_id = f"{direction}:{text(row, 'id')}"
        status = text(row, "status")
        at = unix(row, "created_ts") if row.get("finalized_ts") is None else unix(row, "finalized_ts")
        amount = cents(row, "amount_cents") * (1 if direction == "deposit" else -1)
        fact = Transfer(
            id=record_id,
            at=at,
            amount=amount if status == "applied" else 0,
            status=status,
            type=f"{direction} {row['type']}" if row.get("type") else direction,
        )
        return Record(source=SOURCE, kind="transfer", id=record_id, effective_at=at, fact=fact, raw=raw_json(row))


def subaccount_transfer(row: Row, subaccount: int) -> Record | None:
    """Return a move of cash into or out of `subaccount`; None for one between two others."""
    with reading(SOURCE, f"subaccount transfer {row.get('transfer_id')}"):
        record_id = f"subaccount:{text(row, 'transfer_id')}"
        amount = cents(row, "amount_cents")
        sign = (number_or_zero(row, "to_subaccount") == subaccount) - (
            number_or_zero(row, "from_subaccount") == subaccount
        )
        at = unix(row, "created_ts")
        fact = Transfer(id=record_id, at=at, amount=sign * amount, status="applied", type="subaccount transfer")
        record = Record(source=SOURCE, kind="transfer", id=record_id, effective_at=at, fact=fact, raw=raw_json(row))
        return record if sign else None


def position(row: Row) -> ReportedPosition:
    """Return one subaccount's position in one market."""
    with reading(SOURCE, f"position in {row.get('ticker')}"):
        return ReportedPosition(
            ticker=text(row, "ticker"),
            position=contracts(row, "position_fp"),
            exposure=dollars(row, "market_exposure_dollars"),
            realised=dollars(row, "realized_pnl_dollars"),
            fees=dollars(row, "fees_paid_dollars"),
            total_traded=dollars(row, "total_traded_dollars"),
            updated_at=None if row.get("last_updated_ts") is None else instant(row, "last_updated_ts"),
        )


def cash(answer: Row) -> tuple[Nano, Nano]:
    """Return (available cash, Kalshi's market value of the positions) of one subaccount."""
    with reading(SOURCE, "balance"):
        held = cents(answer, "balance") if answer.get("balance_dollars") is None else dollars(answer, "balance_dollars")
        return held, cents(answer, "portfolio_value")


def mark(row: Row, at: datetime) -> Mark:
    """Return a market's quotes. Kalshi prints an empty side as a bid of 0 or an ask of 1."""
    with reading(SOURCE, f"market {row.get('ticker')}"):
        status = text(row, "status")
        return Mark(
            ticker=text(row, "ticker"),
            at=at,
            status=status,
            yes_bid=_price(row, "yes_bid_dollars") or None,
            yes_ask=_ask(row, "yes_ask_dollars"),
            no_bid=_price(row, "no_bid_dollars") or None,
            no_ask=_ask(row, "no_ask_dollars"),
            last=_price(row, "last_price_dollars") or None,
            settlement_value=_settlement_value(row) if status in DECIDED else None,
        )


def _side(row: Row) -> Side:
    outcome, book = row.get("outcome_side"), row.get("book_side")
    if outcome in {"yes", "no"}:
        return "yes" if outcome == "yes" else "no"
    if outcome is None and book in {"bid", "ask"}:
        return "yes" if book == "bid" else "no"
    raise ValueError(f"the field 'outcome_side' is {outcome!r}, neither yes nor no")


def _price(row: Row, name: str) -> Nano:
    price = dollars(row, name)
    if not 0 <= price <= DOLLAR:
        raise ValueError(f"the field {name!r} is {row[name]!r}, not a price from 0 to 1")
    return price


def _ask(row: Row, name: str) -> Nano | None:
    price = _price(row, name)
    return None if price in {0, DOLLAR} else price


def _settlement_value(row: Row) -> Nano | None:
    if row.get("settlement_value_dollars") is not None:
        return _price(row, "settlement_value_dollars")
    return {"yes": DOLLAR, "no": 0}.get(str(row.get("result")))
