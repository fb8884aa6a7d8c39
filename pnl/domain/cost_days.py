"""A UTC day's API cost worked out: what was reported, what usage adds to it, and how it is spread over the hours."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, localcontext
from typing import Literal, TypeAlias

from pnl.domain.cost_facts import Facts, is_open
from pnl.domain.cost_growth import delta
from pnl.domain.finality import Finality
from pnl.domain.money import Nano, nano_rounded, split
from pnl.domain.rates import DIGITS, Rates
from pnl.domain.records import Anchor, Usage
from pnl.domain.utc_hours import as_reported, by_usage, priced, running

_ZERO = Decimal(0)

Spread: TypeAlias = Literal["usage", "evenly", "hours"]
"""How a UTC day's amount came to its hours: by usage, evenly for want of any, or as it was reported by the hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UtcDay:
    """One UTC day, in nano-dollars: as reported, at list price, and the amount that counts."""

    day: date
    reported: Nano
    listed: Nano
    amount: Nano
    estimated: Nano
    finality: Finality
    flags: tuple[str, ...]
    read_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A UTC day worked out. `totals` and `reports` run over its 96 quarters, from 0 to the whole day.

    `spread` is None while its usage was not read: what its hours cost is not known then.
    """

    day: UtcDay
    anchor: Anchor
    spread: Spread | None
    totals: list[Nano]
    reports: list[Nano]


def work_out(facts: Facts, rates: Callable[[], Rates]) -> Figure | None:
    """Return what a UTC day cost; None where no report of it was read. `rates` gives those of the days before."""
    anchor = facts.newest()
    if anchor is None:
        return None
    usage, listed = facts.usage, facts.listed()
    added, grown = delta(anchor, listed, rates)
    with localcontext(prec=DIGITS):
        whole = nano_rounded(anchor.reported + added)
        at_list = sum((value for value in listed.values() if value), _ZERO)
    reported = nano_rounded(anchor.reported) if added else whole
    weights = by_usage(anchor, usage)
    exact_hours = as_reported(facts.costs)
    if exact_hours is None:
        totals, reports = split(whole, weights), split(reported, weights)
    else:
        reports = split(reported, exact_hours)
        since = by_usage(anchor, [row for row in usage if anchor.watermark is None or row.end > anchor.watermark])
        totals = [one + other for one, other in zip(reports, split(whole - reported, since), strict=True)]
    still_open = is_open(anchor)
    spread: Spread | None = "usage" if priced(usage) else "evenly"
    if not facts.usage_read(still_open=still_open) and (still_open or whole):
        spread = None
    if exact_hours is not None and (spread or not still_open):
        spread = "hours"
    unpriced = still_open and any(_is_unpriced(row) for row in usage)
    priority = any(_is_priority(row) and any(row.tokens.values()) for row in usage)
    return Figure(
        anchor=anchor,
        spread=spread,
        day=UtcDay(
            day=anchor.day,
            reported=reported,
            listed=nano_rounded(at_list),
            amount=whole,
            estimated=whole - reported,
            finality="estimated" if grown or unpriced else "provisional",
            flags=("unpriced_usage",) * unpriced + ("priority_usage",) * priority,
            read_at=anchor.read_at,
        ),
        totals=running(totals),
        reports=running(reports),
    )


def _is_unpriced(row: Usage) -> bool:
    return not _is_priority(row) and any(
        count and row.list_values.get(token_type) is None for token_type, count in row.tokens.items()
    )


def _is_priority(row: Usage) -> bool:
    return (row.service_tier or "").startswith("priority")
