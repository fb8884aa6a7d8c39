"""Readings that later ones replaced: of each day that had not ended, what was read minute by minute, packed.

The report of a day under way is read every minute. A later reading takes its row in `record`, and the row
that it replaces goes into the pack of the tick that replaced it: a tenth of the room, and still there for
whoever asks what was known then. A pack stands for numbers of records from its least to `upto`, the last
record before its tick; what it holds was the newest until then.
"""

import hashlib
import json
import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, insert, or_, select

from pnl.domain.records import Kind, Record
from pnl.store import schema
from pnl.store.facts import decode, moment
from pnl.store.streams import stream

DAY_US = 86_400_000_000
PROVISIONAL: tuple[Kind, ...] = ("usage", "cost", "anchor")
"""The kinds that describe a stretch of a UTC day, and grow while it lasts."""
COLUMNS = ("rec_id", "source", "kind", "nat_id", "version", "effective_us", "recorded_us", "fact", "raw")
"""What of a record's row is in a pack, in order."""
table = schema.reading


@dataclass(frozen=True, slots=True)
class Reading:
    """One of them: the number that its record had, when what it tells of began, in microseconds, and the record."""

    number: int
    effective_us: int
    record: Record


def keep(connection: Connection, seq: int, at: int, upto: int, rows: Iterable[Sequence[Any]]) -> None:
    """Keep what a tick replaced.

    Args:
        connection: In the transaction of the tick.
        seq: Its sequence.
        at: Its instant, in microseconds.
        upto: The last record before it.
        rows: The rows that it replaced, in the order of `COLUMNS`.
    """
    replaced = sorted(list(row) for row in rows)
    if replaced:
        connection.execute(insert(table), [{"seq": seq, **_pack(at, upto, replaced)}])


def standing(connection: Connection, known: int, kinds: Collection[Kind] = PROVISIONAL) -> list[Reading]:
    """Return the readings that stood when the record `known` was the last one, and were replaced since, by number."""
    if not set(kinds) & set(PROVISIONAL):
        return []
    c = table.c
    first = connection.execute(select(c.day_us).where(c.upto >= known).order_by(c.upto).limit(1)).scalar()
    if first is None:
        return []
    since = (c.upto >= known, c.least <= known)
    # What was replaced on the UTC day that it was read on, was so soon after; the rest is a few a day.
    packs = [
        *connection.execute(select(c.body).where(*since, c.crosses == 0, c.day_us == first)),
        *connection.execute(select(c.body).where(*since, c.crosses == 1)),
    ]
    found = (row for (body,) in packs for row in opened(body) if row[0] <= known and row[2] in kinds)
    return [_reading(row) for row in sorted(found)]


def replaced(connection: Connection, since: int, until: int, known: int) -> Iterator[Reading]:
    """Give the readings of [since, until), in microseconds, that stood at a number or came after it, and gave way.

    They are in no order, their `raw` left empty.
    """
    c = table.c
    # What was read on its own UTC day was replaced on that day, or crosses into a later one.
    near = or_(c.crosses == 1, and_(c.day_us >= since, c.day_us < until))
    for (body,) in stream(connection, select(c.body).where(c.upto >= known, near)):
        for row in opened(body):
            if since <= row[5] < until:
                yield _reading([*row[:8], ""])


def faults(connection: Connection, after: int, limit: int) -> tuple[int, int, list[str]]:
    """Return the last sequence of the next packs, how many they are, and a sentence for each that is not as kept."""
    rows = connection.execute(select(table).where(table.c.seq > after).order_by(table.c.seq).limit(limit)).all()
    wrong = [f"the readings that snapshot {row.seq} replaced are not what was kept" for row in rows if not _whole(row)]
    return (rows[-1].seq if rows else after), len(rows), wrong


def noted(connection: Connection, first: int, last: int) -> Iterator[list[str | int | None]]:
    """Give what the chain says of the packs of snapshots from `first` to `last`."""
    c = table.c
    for row in connection.execute(select(c.seq, c.upto, c.sha256).where(c.seq >= first, c.seq <= last)):
        yield list(row)


def opened(body: bytes) -> list[list[Any]]:
    """Return the rows of a pack, in the order of `COLUMNS`."""
    found: list[list[Any]] = json.loads(zlib.decompress(body))
    return found


def _pack(at: int, upto: int, rows: list[list[Any]]) -> dict[str, Any]:
    body = zlib.compress(json.dumps(rows, separators=(",", ":"), ensure_ascii=False).encode(), 9)
    return {"body": body, "sha256": hashlib.sha256(body).hexdigest(), "upto": upto, **_filed(at, rows)}


def _filed(at: int, rows: Iterable[Sequence[Any]]) -> dict[str, int]:
    """Return what a pack is found by: its least number, its UTC day, whether it holds readings of an earlier one."""
    day = at // DAY_US * DAY_US
    numbers, read = zip(*((row[0], row[6]) for row in rows), strict=True)
    return {"least": min(numbers), "day_us": day, "crosses": int(min(read) < day)}


def _whole(row: Any) -> bool:  # noqa: ANN401 - a row of the table
    if hashlib.sha256(row.body).hexdigest() != row.sha256:
        return False
    filed = _filed(row.day_us, opened(row.body))
    return filed == {name: getattr(row, name) for name in filed}


def _reading(row: Sequence[Any]) -> Reading:
    number, source, kind, name, version, effective, recorded, fact, raw = row
    made = Record(
        source=source,
        kind=kind,
        id=name,
        version=version,
        effective_at=moment(effective),
        recorded_at=moment(recorded),
        fact=decode(fact),
        raw=raw,
    )
    return Reading(number, effective, made)
