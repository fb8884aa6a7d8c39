"""Puts a segment on an archive that goes as far as the segment begins, or a little farther."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from pnl.backups import segments
from pnl.backups.reach import Reach, reach_of
from pnl.errors import BackupError
from pnl.store import days, readings, retention, rollups, schema
from pnl.store.upsert import put

Rows = list[list[Any]]
CHUNK = 400


def put_on(connection: Connection, file: Path) -> Reach:
    """Put a segment on, in the connection's transaction, and return how far the archive goes now.

    What the archive has already is left out, so that segments may overlap.

    Raises:
        BackupError: It belongs to another series or schema, begins later than the archive ends, or is of another past.
        ValueError: It is damaged.
    """
    after, upto = segments.head_of(file)
    here = reach_of(connection)
    if (upto.series, upto.schema) != (here.series, here.schema):
        raise BackupError(f"the segment is of series {upto.series}, schema {upto.schema}: not of this archive")
    if after.seq > here.seq:
        raise BackupError(f"the segment begins after snapshot {after.seq}, and the archive ends with {here.seq}")
    if upto.seq <= here.seq:
        return here
    rows: dict[str, Rows] = {}
    states: dict[str, Rows] = {}
    for name, row in segments.rows_of(file):
        if name not in segments.STATE:
            rows.setdefault(name, []).append(row)
        elif row:
            states[name].append(row)
        else:
            states[name] = []
    _same_past(here, after, rows.get("snapshot", []))
    _numbered(connection, rows, here)
    _forget_replaced(connection, [row for row in rows.get("reading", ()) if row[0] > here.seq])
    _ticks(connection, rows, here)
    for name, found in states.items():
        _place(connection, name, found)
    return reach_of(connection)


def _same_past(here: Reach, after: Reach, snapshots: Rows) -> None:
    """Hold the end of the archive against what the segment says of the same snapshot."""
    columns = [column.name for column in schema.snapshot.c]
    seq, hash_ = columns.index("seq"), columns.index("hash")
    said = {after.seq: after.hash} | {row[seq]: row[hash_] for row in snapshots}
    if here.seq in said and said[here.seq] != here.hash:
        raise BackupError(f"snapshot {here.seq} of the segment is not the one of the archive")


def _numbered(connection: Connection, rows: dict[str, Rows], here: Reach) -> None:
    """Add what is numbered: records, the audit, changes and events of alerts."""
    for name, (number, reached) in segments.BY_NUMBER.items():
        column, known = schema.metadata.tables[name].c[number], getattr(here, reached)
        later = set(
            connection.execute(select(column).where(column > known)).scalars()
        )  # kept since the newest snapshot
        _add(connection, name, [row for row in rows.get(name, ()) if row[0] > known and row[0] not in later])


def _forget_replaced(connection: Connection, packs: Rows) -> None:
    """Take out the readings that are in packs by now: later ones took their places."""
    c = schema.record.c
    body = [column.name for column in schema.reading.c].index("body")
    gone = sorted(row[0] for pack in packs for row in readings.opened(pack[body]))
    for start in range(0, len(gone), CHUNK):
        connection.execute(delete(schema.record).where(c.rec_id.in_(gone[start : start + CHUNK])))


def _ticks(connection: Connection, rows: dict[str, Rows], here: Reach) -> None:
    """Add what came with each snapshot, one after the other."""
    by_seq = {name: _by_seq(name, rows.get(name, [])) for name in segments.BY_SEQ}
    gaps = {row[1]: row for row in rows.get("gap", [])}
    names = [column.name for column in schema.snapshot.c]
    for seq in sorted(by_seq["snapshot"]):
        if seq <= here.seq:
            continue
        for step in by_seq["thinned"].get(seq, ()):
            retention.repeat(connection, step)
        for name in ("reading", "mark", "market_change", "source_note", "check_log", "check_side", "pace", "snapshot"):
            _add(connection, name, by_seq[name].get(seq, []))
        called = [_named("market_change", row) for row in by_seq["market_change"].get(seq, ())]
        put(connection, schema.market, [{name: row[name] for name in row if name != "seq"} for row in called])
        (values,) = by_seq["snapshot"][seq]
        row = dict(zip(names, values, strict=True))
        if row["as_of_us"] in gaps:
            _add(connection, "gap", [gaps[row["as_of_us"]]])
        rollups.add(connection, row)
        days.add(connection, row)


def _by_seq(name: str, rows: Rows) -> dict[int, Rows]:
    place = [column.name for column in schema.metadata.tables[name].c].index("seq")
    found: dict[int, Rows] = {}
    for row in rows:
        found.setdefault(row[place], []).append(row)
    return found


def _place(connection: Connection, name: str, rows: Rows) -> None:
    """Put rows in the place of all that a table has."""
    connection.execute(delete(schema.metadata.tables[name]))
    _add(connection, name, rows)


def _add(connection: Connection, name: str, rows: Sequence[list[Any]]) -> None:
    if rows:
        connection.execute(insert(schema.metadata.tables[name]), [_named(name, row) for row in rows])


def _named(name: str, row: Sequence[Any]) -> dict[str, Any]:
    return dict(zip((column.name for column in schema.metadata.tables[name].c), row, strict=True))
