"""What a tick writes, all of it in one transaction: facts, the snapshot with its link, what is drawn from it."""

from typing import Any

from sqlalchemy import Connection, insert

from pnl.ports import Gap, Tick
from pnl.store import (
    alerts,
    chain,
    checklog,
    days,
    memories,
    quotes,
    readings,
    recent,
    records,
    retention,
    rollups,
    schema,
    seals,
    snapshots,
)
from pnl.store.checklog import Changes
from pnl.store.facts import microseconds
from pnl.store.upsert import put


def write(connection: Connection, tick: Tick, changes: Changes) -> None:
    """Write a tick. Its marks and markets are those that changed, and `changes` what changed of its checks."""
    snapshot = tick.snapshot
    day, carried, known, previous = chain.tip(connection)
    upto, at = records.last(connection), microseconds(snapshot.as_of)
    readings.keep(connection, snapshot.seq, at, upto, records.append(connection, tick.records, snapshot.as_of))
    quotes.append(connection, tick.marks, snapshot.seq)
    quotes.name(connection, tick.markets, snapshot.seq)
    memories.keep(connection, tick.sources)
    row = snapshots.values(snapshot, after_gap=tick.gap is not None)
    row["carried_n"] = carried if row["day"] == day else chain.carried(connection, str(row["day"]))
    row["last_record"] = records.last(connection)
    row |= seals.values(tick.marks, tick.markets, snapshot.text())
    notes = chain.noted(
        gaps=[_gap(tick.gap)] if tick.gap else (),
        sources=changes.sources,
        checks=changes.checks.values(),
        sides=changes.sides.values(),
        paces=changes.paces,
        readings=readings.noted(connection, snapshot.seq, snapshot.seq),
        thinned=retention.noted(connection, snapshot.seq, snapshot.seq),
    )
    kept = chain.digest(connection.execute(chain.lasting(known)))
    row["hash"] = chain.link(previous, [row[name] for name in chain.COLUMNS], kept, notes)
    connection.execute(insert(schema.snapshot), [row])
    rollups.add(connection, row)
    days.add(connection, row)
    checklog.append(connection, changes)
    put(connection, schema.current, [{"id": 1, "seq": snapshot.seq, "body": snapshot.text()}])
    recent.keep(connection, snapshot.seq, snapshot.text())
    if tick.checks is not None:
        put(connection, schema.checks, [{"id": 1, "seq": snapshot.seq, "body": tick.checks}])
    if tick.alerts:
        alerts.write(connection, tick.alerts, snapshot.seq, at)
    if tick.gap:
        names = [column.name for column in schema.gap.c]
        connection.execute(insert(schema.gap), [dict(zip(names, _gap(tick.gap), strict=True))])


def _gap(gap: Gap) -> list[Any]:
    return [microseconds(gap.since), microseconds(gap.until), gap.missed, gap.reason]
