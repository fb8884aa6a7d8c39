"""Company days as they were seen: one row a day, grown with every snapshot of it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from pnl.domain.snapshot import LINES
from pnl.ports import SeenDay
from pnl.store import schema, snapshots
from pnl.store.rollups import BITS

table = schema.company_day


def add(connection: Connection, row: Mapping[str, Any]) -> None:
    """Add a snapshot's row to its day."""
    c = table.c
    old = connection.execute(select(table).where(c.day == row["day"])).first()
    day = grown(old._asdict() if old else None, row)
    if old is None:
        connection.execute(insert(table), [day])
    else:
        connection.execute(update(table).where(c.day == row["day"]), [day])


def grown(old: Mapping[str, Any] | None, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a day's row with one more snapshot in it, later than the others; None where it is the first."""
    net = row["net_n"]
    whole = net if row["complete"] else None
    if old is None:
        ends = {"first_seq": row["seq"], "last_seq": row["seq"], "n": 1, "high_n": net, "low_n": net}
        return {"day": row["day"], **ends, "quality": row["quality"], "whole_high_n": whole, "whole_low_n": whole}
    day = {**old, "last_seq": row["seq"], "n": old["n"] + 1}
    for high, low, amount in (("high_n", "low_n", net), ("whole_high_n", "whole_low_n", whole)):
        if amount is not None:
            day[high] = amount if old[high] is None else max(amount, old[high])
            day[low] = amount if old[low] is None else min(amount, old[low])
    if row["quality"] != old["quality"]:
        words = {*old["quality"].split("+"), *row["quality"].split("+")}
        day["quality"] = "+".join(word for word in BITS if word in words) or "ok"
    return day


def highest(connection: Connection, day: date) -> dict[tuple[str, ...], int]:
    """Return the highest net that a company day has shown, by the lines that it was without."""
    c = schema.snapshot.c
    unknown = [c[f"{line}_n"].is_(None) for line in LINES]
    first, last = (select(table.c[name]).where(table.c.day == day.isoformat()) for name in ("first_seq", "last_seq"))
    query = select(func.max(c.net_n), *unknown).group_by(*unknown)
    query = query.where(c.seq >= first.scalar_subquery(), c.seq <= last.scalar_subquery(), c.net_n.is_not(None))
    return {
        tuple(line for line, lacks in zip(LINES, without, strict=True) if lacks): net
        for net, *without in connection.execute(query)
    }


def seen(connection: Connection, since: date | None, until: date | None) -> list[SeenDay]:
    """Return the company days of [since, until), oldest first; see `pnl.ports.Store.company_days`."""
    c = table.c
    own = (
        *(c.first_seq, c.n, c.quality, c.whole_high_n),
        *(func.coalesce(c.whole_high_n, c.high_n).label("high"), func.coalesce(c.whole_low_n, c.low_n).label("low")),
    )
    query = select(*(column.label(f"of_{column.name}") for column in own), *snapshots.COLUMNS)
    query = query.join(schema.snapshot, schema.snapshot.c.seq == c.last_seq).order_by(c.day)
    if since:
        query = query.where(c.day >= since.isoformat())
    if until:
        query = query.where(c.day < until.isoformat())
    found = []
    for first, count, quality, whole, high, low, *last in connection.execute(query):
        row = snapshots.told(last)
        ends = {"high": high, "low": low, "partial": whole is None}
        found.append(SeenDay(day=row.day, first=first, last=row, count=count, quality=quality, **ends))
    return found
