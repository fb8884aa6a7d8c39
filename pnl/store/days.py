"""Company days as they were seen: one row a day, grown with every snapshot of it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, insert, select, update

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
    if old is None:
        ends = {"first_seq": row["seq"], "last_seq": row["seq"], "n": 1, "high_n": net, "low_n": net}
        return {"day": row["day"], **ends, "quality": row["quality"]}
    day = {**old, "last_seq": row["seq"], "n": old["n"] + 1}
    if net is not None:
        day["high_n"] = net if old["high_n"] is None else max(net, old["high_n"])
        day["low_n"] = net if old["low_n"] is None else min(net, old["low_n"])
    if row["quality"] != old["quality"]:
        words = {*old["quality"].split("+"), *row["quality"].split("+")}
        day["quality"] = "+".join(word for word in BITS if word in words) or "ok"
    return day


def seen(connection: Connection, since: date | None, until: date | None) -> list[SeenDay]:
    """Return the company days of [since, until), oldest first; see `pnl.ports.Store.company_days`."""
    c = table.c
    own = (c.first_seq, c.n, c.high_n, c.low_n, c.quality)
    query = select(*(column.label(f"of_{column.name}") for column in own), *snapshots.COLUMNS)
    query = query.join(schema.snapshot, schema.snapshot.c.seq == c.last_seq).order_by(c.day)
    if since:
        query = query.where(c.day >= since.isoformat())
    if until:
        query = query.where(c.day < until.isoformat())
    found = []
    for first, count, high, low, quality, *last in connection.execute(query):
        row = snapshots.told(last)
        found.append(SeenDay(day=row.day, first=first, last=row, count=count, high=high, low=low, quality=quality))
    return found
