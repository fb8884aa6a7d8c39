"""The rows that Kalshi's API prints, from the engine's facts. Dollars and counts are strings."""

from datetime import UTC, datetime, timedelta
from typing import Any

from pnl.domain.money import CENT, CONTRACT, DOLLAR, Nano, count_text, text
from pnl.sandbox.chance import identity, mix, number
from pnl.sandbox.listing import Event, Listed, Series
from pnl.sandbox.trading import Execution, Holding, Move, Order, Payout, Transfer

_WHOLE_LIFE = timedelta(days=365)


def when(at: datetime) -> str:
    """Return an instant as the API prints it, with microseconds where there are any."""
    return at.astimezone(UTC).isoformat(timespec="microseconds" if at.microsecond else "seconds")[:-6] + "Z"


def unix(at: datetime) -> int:
    """Return whole seconds since 1970."""
    return int(at.timestamp())


def dollars(amount: Nano) -> str:
    """Return dollars with four to six decimals."""
    return text(amount, 4)


def fill_row(fill: Execution) -> dict[str, Any]:
    """Return a fill. `action` and `side` are the deprecated lie: buy/yes or sell/no, whatever was done."""
    yes = fill.side == "yes"
    other = DOLLAR - fill.price
    return {
        "fill_id": fill.id,
        "trade_id": fill.id,
        "order_id": fill.order_id,
        "exchange_index": fill.exchange_index,
        "ticker": fill.ticker,
        "market_ticker": fill.ticker,
        "side": "yes" if yes else "no",
        "action": "buy" if yes else "sell",
        "outcome_side": fill.side,
        "book_side": "bid" if yes else "ask",
        "count_fp": count_text(fill.count),
        "yes_price_dollars": dollars(fill.price if yes else other),
        "no_price_dollars": dollars(other if yes else fill.price),
        "is_taker": fill.is_taker,
        "created_time": when(fill.at),
        "fee_cost": text(fill.fee, 6),
        "subaccount_number": fill.subaccount,
        "ts": unix(fill.at),
        "venue_note": "n/a",
    }


def position_row(holding: Holding, exchange_index: int, epoch: datetime) -> dict[str, Any]:
    """Return one market's position, gross of fees, at average cost.

    Of a settled market the realised figure is that of its trades alone, without the payout: whether
    the real one includes it is documented nowhere.
    """
    return {
        "ticker": holding.ticker,
        "exchange_index": exchange_index,
        "total_traded_dollars": text(holding.yes_cost + holding.no_cost, 6),
        "position_fp": count_text(holding.contracts),
        "market_exposure_dollars": text(holding.cost, 6),
        "realized_pnl_dollars": text(holding.realised, 6),
        "fees_paid_dollars": text(holding.fees, 6),
        "last_updated_ts": when(holding.updated or epoch),
        "margin_type": "cash",
    }


def event_row(event: str, holdings: list[Holding]) -> dict[str, Any]:
    """Return the sums of one event's positions."""
    return {
        "event_ticker": event,
        "total_cost_dollars": text(sum(h.yes_cost + h.no_cost for h in holdings), 6),
        "total_cost_shares_fp": count_text(sum(h.yes_count + h.no_count for h in holdings)),
        "event_exposure_dollars": text(sum(h.cost for h in holdings), 6),
        "realized_pnl_dollars": text(sum(h.realised for h in holdings), 6),
        "fees_paid_dollars": text(sum(h.fees for h in holdings), 6),
    }


def settlement_row(payout: Payout) -> dict[str, Any]:
    """Return a settlement: gross counts of the market's life, `revenue` of the net in cents."""
    return {
        "ticker": payout.ticker,
        "exchange_index": payout.exchange_index,
        "event_ticker": payout.event_ticker,
        "market_result": payout.result,
        "yes_count_fp": count_text(payout.yes_count),
        "yes_total_cost_dollars": text(payout.yes_cost, 6),
        "no_count_fp": count_text(payout.no_count),
        "no_total_cost_dollars": text(payout.no_cost, 6),
        "revenue": payout.revenue // CENT,
        "settled_time": when(payout.at),
        "fee_cost": text(payout.fee, 6),
        "value": payout.value // CENT,
    }


def order_row(order: Order, user: str) -> dict[str, Any]:
    """Return an order with what has been filled of it."""
    yes = order.side == "yes"
    other = DOLLAR - order.price
    remaining = 0 if order.status == "canceled" else order.count - order.filled
    return {
        "order_id": order.id,
        "user_id": user,
        "client_order_id": identity("client", order.id),
        "ticker": order.ticker,
        "side": "yes" if yes else "no",
        "action": "buy" if yes else "sell",
        "outcome_side": order.side,
        "book_side": "bid" if yes else "ask",
        "type": "limit",
        "status": order.status,
        "yes_price_dollars": dollars(order.price if yes else other),
        "no_price_dollars": dollars(other if yes else order.price),
        "fill_count_fp": count_text(order.filled),
        "remaining_count_fp": count_text(remaining),
        "initial_count_fp": count_text(order.count),
        "taker_fill_cost_dollars": dollars(order.taker_cost),
        "maker_fill_cost_dollars": dollars(order.maker_cost),
        "taker_fees_dollars": dollars(order.taker_fees),
        "maker_fees_dollars": dollars(order.maker_fees),
        "expiration_time": None,
        "created_time": when(order.placed),
        "last_update_time": when(order.updated),
        "self_trade_prevention_type": "taker_at_cross",
        "order_group_id": None,
        "cancel_order_on_pause": False,
        "subaccount_number": order.subaccount,
        "exchange_index": order.exchange_index,
    }


def market_row(market: Listed, now: datetime) -> dict[str, Any]:
    """Return a market with its book; an empty side prints a bid of 0 and an ask of 1."""
    quote, before = market.quote(now), market.quote(now - timedelta(days=1))
    status, decided = market.status(now), market.decided(now)
    traded = number("volume", market.ticker)
    lived = max((min(now, market.closes) - market.opens) // timedelta(minutes=1), 0)
    volume = lived * (traded % 40_000 + 100)
    last = quote.last or (market.value if decided and market.value is not None else 0)
    row: dict[str, Any] = {
        "ticker": market.ticker,
        "event_ticker": market.event.ticker,
        "market_type": "binary",
        "title": market.event.title,
        "subtitle": market.yes_sub_title,
        "yes_sub_title": market.yes_sub_title,
        "no_sub_title": market.yes_sub_title,
        "created_time": when(market.created),
        "updated_time": when(min(now, market.settles_at or now)),
        "open_time": when(market.opens),
        "close_time": when(market.closes),
        "expected_expiration_time": when(market.closes),
        "latest_expiration_time": when(market.closes + _WHOLE_LIFE),
        "settlement_timer_seconds": 300,
        "status": status,
        "yes_bid_dollars": dollars(quote.yes_bid or 0),
        "yes_bid_size_fp": count_text(quote.bid_size),
        "yes_ask_dollars": dollars(DOLLAR if quote.yes_ask is None else quote.yes_ask),
        "yes_ask_size_fp": count_text(quote.ask_size),
        "no_bid_dollars": dollars(quote.no_bid or 0),
        "no_ask_dollars": dollars(DOLLAR if quote.no_ask is None else quote.no_ask),
        "last_price_dollars": dollars(last),
        "volume_fp": count_text(volume),
        "volume_24h_fp": count_text(min(volume, 1_440 * (traded % 40_000 + 100))),
        "open_interest_fp": count_text(volume // CONTRACT // 3 * CONTRACT),
        "result": market.result if decided else "",
        "can_close_early": True,
        "notional_value_dollars": "1.0000",
        "previous_yes_bid_dollars": dollars(before.yes_bid or 0),
        "previous_yes_ask_dollars": dollars(DOLLAR if before.yes_ask is None else before.yes_ask),
        "previous_price_dollars": dollars(before.last),
        "settlement_ts": when(market.settles_at) if status == "finalized" and market.settles_at else None,
        "expiration_value": (market.result or "") if decided else "",
        "strike_type": "custom",
        "floor_strike": None,
        "cap_strike": None,
        "rules_primary": f"If {market.event.title} comes to {market.yes_sub_title}, the market resolves to Yes.",
        "rules_secondary": "",
        "price_level_structure": "linear_cent",
        "price_ranges": [{"start": "0.0000", "end": "1.0000", "step": "0.0100"}],
        "exchange_index": market.event.exchange_index,
        "mystery_score": mix(traded) % 100,
    }
    if decided and market.value is not None:
        row["settlement_value_dollars"] = dollars(market.value)
    return row


def event_body(event: Event) -> dict[str, Any]:
    """Return an event without its markets."""
    return {
        "event_ticker": event.ticker,
        "series_ticker": event.series.ticker,
        "sub_title": event.sub_title.partition("|")[0],
        "title": event.title,
        "collateral_return_type": "MECNET" if event.mutually_exclusive else "",
        "mutually_exclusive": event.mutually_exclusive,
        "category": event.series.category,
        "strike_date": None,
        "strike_period": None,
        "available_on_brokers": False,
        "product_metadata": None,
        "settlement_sources": [{"name": "Official source", "url": "https://example.com/source"}],
        "last_updated_ts": when(event.created),
        "fee_type_override": None,
        "fee_multiplier_override": None,
        "exchange_index": event.exchange_index,
    }


def series_body(series: Series) -> dict[str, Any]:
    """Return a series with its fee schedule."""
    return {
        "ticker": series.ticker,
        "frequency": series.frequency,
        "title": series.title,
        "category": series.category,
        "tags": None,
        "settlement_sources": [{"name": "Official source", "url": "https://example.com/source"}],
        "contract_url": "https://example.com/contract",
        "contract_terms_url": "https://example.com/terms",
        "fee_type": series.fee_type,
        "fee_multiplier": series.fee_percent / 100,
        "additional_prohibitions": None,
    }


def transfer_row(transfer: Transfer) -> dict[str, Any]:
    """Return a deposit or a withdrawal, in cents."""
    return {
        "id": transfer.id,
        "status": transfer.status,
        "type": transfer.type,
        "amount_cents": transfer.amount // CENT,
        "fee_cents": transfer.fee // CENT,
        "created_ts": unix(transfer.created),
        "finalized_ts": unix(transfer.finalised) if transfer.finalised else None,
    }


def subaccount_row(number: int, cash: Nano, updated: int) -> dict[str, Any]:
    """Return one subaccount's cash."""
    return {"subaccount_number": number, "balance": text(cash, 4), "exchange_index": 0, "updated_ts": updated}


def move_row(move: Move) -> dict[str, Any]:
    """Return a transfer between subaccounts, in cents."""
    return {
        "transfer_id": move.id,
        "from_subaccount": move.origin,
        "to_subaccount": move.target,
        "amount_cents": move.amount // CENT,
        "created_ts": unix(move.at),
        "exchange_index": move.exchange_index,
    }
