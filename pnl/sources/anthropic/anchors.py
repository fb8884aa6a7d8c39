"""Anchors, and the sums that they are made of: dollars reported and usage at list, by UTC day."""

import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, localcontext

from pnl.domain.rates import usage_key
from pnl.domain.records import Anchor, Cost, Record, Usage
from pnl.sources.anthropic.paging import NAME

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_USAGE_LAG = timedelta(minutes=5)
"""After so long, the documentation says, usage is shown."""
_DIGITS = 60


def anchor(
    day: str,
    phase: str,
    *,
    read_at: datetime,
    watermark: datetime | None,
    reported: Decimal,
    listed: dict[str, str | None] | None,
) -> Record:
    fact = Anchor(
        id=day if phase == "open" else f"{day}/{phase}",
        day=date.fromisoformat(day),
        read_at=read_at,
        watermark=watermark,
        reported=reported,
        usage_known=listed is not None,
        list_values={key: None if value is None else Decimal(value) for key, value in (listed or {}).items()},
    )
    raw = json.dumps({"day": day, "reported": str(reported), "read_at": read_at.isoformat(), "list_values": listed})
    return Record(
        source=NAME, kind="anchor", id=fact.id, effective_at=datetime.combine(fact.day, time(), UTC), fact=fact, raw=raw
    )


def by_day(records: list[Record], start: datetime, end: datetime, until: datetime | None) -> dict[str, Decimal]:
    """Return the dollars reported for each UTC day that begins in [start, end), zero for one without rows.

    Buckets that begin at `until` or later are incomplete, and left out.
    """
    sums = {}
    day = start
    while day < end:
        sums[day.date().isoformat()] = Decimal(0)
        day += _DAY
    with localcontext(prec=_DIGITS):
        for record in records:
            row = record.fact
            if not isinstance(row, Cost) or (until is not None and row.start >= until):
                continue
            name = row.start.date().isoformat()
            if name in sums:
                sums[name] += row.amount
    return sums


def at_list(records: list[Record], until: datetime | None, received: datetime) -> dict[str, dict[str, str | None]]:
    """Return usage at list by UTC day and usage key, up to `until`; the hour that it cuts counts in part.

    An hour that is still running shows the usage of its beginning, up to a few minutes ago.
    """
    sums: dict[str, dict[str, Decimal | None]] = {}
    with localcontext(prec=_DIGITS):
        for record in records:
            row = record.fact
            if not isinstance(row, Usage) or (until is not None and row.start >= until):
                continue
            part = Decimal(1)
            shown = min(row.end, received - _USAGE_LAG)
            if until is not None and row.start < until < shown:
                part = Decimal((until - row.start) // _SECOND) / Decimal((shown - row.start) // _SECOND)
            day = sums.setdefault(row.start.date().isoformat(), {})
            for token_type, value in row.list_values.items():
                key = usage_key(row, token_type)
                before = day.get(key, Decimal(0))
                day[key] = None if value is None or before is None else before + value * part
    return {
        day: {key: None if value is None else str(value) for key, value in sorted(listed.items())}
        for day, listed in sums.items()
    }


def unpriced(records: list[Record]) -> set[str]:
    rows = (record.fact for record in records if isinstance(record.fact, Usage))
    return {
        row.model or "(none)"
        for row in rows
        if not (row.service_tier or "").startswith("priority")
        and any(value is None for value in row.list_values.values())
    }
