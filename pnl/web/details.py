"""A record as the API tells it: its own signed amount, its parsed fields, and what to know about it."""

from collections.abc import Mapping
from decimal import Context, Decimal

from pnl.domain.money import count_text
from pnl.domain.records import (
    Anchor,
    Balance,
    Cost,
    Credit,
    Fact,
    Fill,
    Record,
    RevenueEntry,
    Settlement,
    Transfer,
    Usage,
)
from pnl.domain.snapshot import Json, instant, money

_EXACT = Context(prec=60)


def amount(fact: Fact) -> tuple[str | None, str]:
    """Return a record's own amount, signed, and its currency.

    A fill is what its contracts cost, count × price, below zero and before its fee; a settlement is
    its payout; a transfer changes the balance by it; a cost is below zero; an entry is as it was
    entered, before its fee; a credit is what came in; a balance is the cash; a day's report is what it
    said the day cost, below zero. Usage has none.
    """
    own: str | None
    currency = "USD"
    match fact:
        case Fill():
            own = _plain(Decimal(-fact.count * fact.price).scaleb(-11, _EXACT))
        case Settlement():
            own = money(fact.revenue)
        case Cost():
            own, currency = _plain(fact.amount.copy_negate()), fact.currency
        case RevenueEntry():
            own, currency = money(fact.amount), fact.currency
        case Transfer() | Credit():
            own = money(fact.amount)
        case Balance():
            own = money(fact.cash)
        case Anchor():
            own = _plain(fact.reported.copy_negate())
        case Usage():
            own = None
    return own, currency


def flags(fact: Fact) -> list[Json]:
    """Return why a record may not count, or not as expected."""
    match fact:
        case RevenueEntry():
            found = {
                "void": fact.status == "void",
                "pending": fact.status == "pending",
                "unclassified": fact.kind == "unclassified",
                "unconverted": fact.currency != "USD",
                "recurring": fact.recurs is not None,
            }
        case Transfer():
            found = {"not_applied": fact.status != "applied"}
        case Usage():
            found = {"unpriced": any(value is None for value in fact.list_values.values())}
        case _:
            found = {}
    return [name for name, holds in found.items() if holds]


def detail(record: Record) -> dict[str, Json]:
    """Return a record's parsed fields: money as decimal strings, counts as `850.00`."""
    fact = record.fact
    told: dict[str, Json]
    match fact:
        case Fill():
            told = {
                "ticker": fact.ticker,
                "subaccount": fact.subaccount,
                "side": fact.side,
                "count": count_text(fact.count),
                "price": money(fact.price),
                "fee": money(fact.fee),
                "order_id": fact.order_id,
                "is_taker": fact.is_taker,
            }
        case Settlement():
            told = {
                "ticker": fact.ticker,
                "event_ticker": fact.event_ticker,
                "result": fact.result,
                "yes_count": count_text(fact.yes_count),
                "yes_cost": money(fact.yes_cost),
                "no_count": count_text(fact.no_count),
                "no_cost": money(fact.no_cost),
                "revenue": money(fact.revenue),
                "fee": money(fact.fee),
                "value": money(fact.value),
            }
        case Transfer():
            told = {"status": fact.status, "type": fact.type}
        case Cost():
            told = {
                "start": instant(fact.start),
                "end": instant(fact.end),
                "model": fact.model,
                "token_type": fact.token_type,
                "cost_type": fact.cost_type,
                "service_tier": fact.service_tier,
                "context_window": fact.context_window,
                "inference_geo": fact.inference_geo,
                "workspace_id": fact.workspace_id,
                "description": fact.description,
            }
        case Usage():
            told = {
                "start": instant(fact.start),
                "end": instant(fact.end),
                "model": fact.model,
                "service_tier": fact.service_tier,
                "context_window": fact.context_window,
                "inference_geo": fact.inference_geo,
                "tokens": dict(fact.tokens),
                "list_values": _values(fact.list_values),
            }
        case Anchor():
            told = {
                "day": fact.day.isoformat(),
                "read_at": instant(fact.read_at),
                "watermark": instant(fact.watermark),
                "reported": _plain(fact.reported),
                "usage_known": fact.usage_known,
                "list_values": _values(fact.list_values),
            }
        case RevenueEntry():
            told = {
                "date": fact.date.isoformat(),
                "kind": fact.kind,
                "status": fact.status,
                "fee": money(fact.fee),
                "description": fact.description,
                "parent_id": fact.parent_id,
                "occurred_at": instant(fact.occurred_at),
                "updated_at": instant(fact.updated_at),
                "recurs": fact.recurs,
                "customer": fact.customer,
            }
        case Balance():
            told = {"portfolio_value": money(fact.portfolio_value)}
        case Credit():
            told = {"label": fact.label}
    return told


def _values(listed: Mapping[str, Decimal | None]) -> dict[str, Json]:
    return {name: None if value is None else _plain(value) for name, value in listed.items()}


def _plain(value: Decimal) -> str:
    """Return a decimal string without exponent, at least two decimals, `"0"` for nothing."""
    if not value:
        return "0"
    text = f"{value:f}"
    whole, _, decimals = text.partition(".")
    return f"{whole}.{decimals.rstrip('0').ljust(2, '0')}"
