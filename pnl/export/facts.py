"""Records as rows of an export, in the order of their table's columns."""

from datetime import timedelta
from decimal import Context, Decimal

from pnl.domain.records import Cost, Fill, Kind, Record, RevenueEntry, Settlement
from pnl.export.cells import Value

_EXACT = Context(prec=60)
_UTC_DAY = timedelta(days=1)
MANUAL = "manual"
KINDS: dict[str, tuple[Kind, str | None]] = {
    "fills": ("fill", None),
    "settlements": ("settlement", None),
    "costs": ("cost", None),
    "revenue": ("revenue", None),
    "entries": ("revenue", MANUAL),
}
"""The kind of record that a table is made of, and the source, where it is of one alone."""


def row(number: int, record: Record) -> tuple[Value, ...]:
    """Return a record's row.

    Raises:
        TypeError: Its kind has no table.
    """
    match record.fact:
        case Fill() as fill:
            return _fill(number, record, fill)
        case Settlement() as settlement:
            return _settlement(number, record, settlement)
        case Cost() as cost:
            return _cost(number, record, cost)
        case RevenueEntry() as entry:
            return _entry(number, record, entry)
        case fact:
            raise TypeError(f"a {type(fact).__name__} is in no table")


def _ends(record: Record, **flags: bool) -> tuple[Value, ...]:
    found = flags | {"corrected": (record.version or 1) > 1}
    return record.version, record.recorded_at, "+".join(name for name, holds in found.items() if holds)


def _fill(number: int, record: Record, fill: Fill) -> tuple[Value, ...]:
    return (
        *(number, fill.at, record.source, fill.id, fill.ticker, fill.side, fill.count, fill.price),
        Decimal(-fill.count * fill.price).scaleb(-11, _EXACT),
        *(fill.fee, fill.order_id, fill.is_taker, fill.subaccount),
        *_ends(record),
    )


def _settlement(number: int, record: Record, settlement: Settlement) -> tuple[Value, ...]:
    return (
        *(number, settlement.at, record.source, settlement.id, settlement.ticker, settlement.event_ticker),
        *(settlement.result, settlement.yes_count, settlement.yes_cost, settlement.no_count, settlement.no_cost),
        *(settlement.revenue, settlement.fee, settlement.value),
        *_ends(record),
    )


def _cost(number: int, record: Record, cost: Cost) -> tuple[Value, ...]:
    recorded = record.recorded_at
    return (
        *(number, cost.start, cost.end, record.source, cost.id, cost.amount.copy_negate(), cost.currency),
        *(cost.model, cost.token_type, cost.cost_type, cost.service_tier, cost.context_window, cost.inference_geo),
        *(cost.workspace_id, cost.description),
        *_ends(record, provisional=recorded is not None and recorded < record.effective_at + _UTC_DAY),
    )


def _entry(number: int, record: Record, entry: RevenueEntry) -> tuple[Value, ...]:
    flags = {
        "void": entry.status == "void",
        "pending": entry.status == "pending",
        "unclassified": entry.kind == "unclassified",
        "unconverted": entry.currency != "USD",
        "recurring": entry.recurs is not None,
    }
    return (
        *(number, entry.date, record.effective_at, record.source, entry.id, entry.kind, entry.status),
        *(entry.amount, entry.fee, entry.currency, entry.description, entry.customer, entry.parent_id),
        *(entry.occurred_at, entry.updated_at, entry.recurs),
        *_ends(record, **flags),
    )
