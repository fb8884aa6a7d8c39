"""The records that each snapshot was the first to know: those that its tick kept, and what was entered before it."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import Connection, select

from pnl.domain.snapshot import instant
from pnl.store import chain, readings, schema
from pnl.store.entries import SOURCE
from pnl.store.facts import moment

PAGE = 2_000
Row: TypeAlias = Sequence[Any]


class Known(NamedTuple):
    """The digest of the records for good that a snapshot was the first to know, and the records of another instant."""

    digest: str
    others: list[Row]


def known(connection: Connection, after: int, snapshots: Sequence[tuple[int, int, int]]) -> dict[int, Known]:
    """Return what is there of the records that each snapshot was the first to know, by its sequence.

    Args:
        connection: Where to look.
        after: The last record that the snapshot before them knew.
        snapshots: Of each its sequence, its instant in microseconds, and the last record that it knew, oldest first.
    """
    records = _between(connection, after, max(upto for _, _, upto in snapshots))
    record = next(records, None)
    found: dict[int, Known] = {}
    for seq, at, upto in snapshots:
        lasting: list[Row] = []
        others: list[Row] = []
        while record is not None and record[0] <= upto:
            if chain.lasts(record):
                lasting.append(record)
            if record[6] != at:  # when it was recorded
                others.append(record[:7])
            record = next(records, None)
        found[seq] = Known(chain.digest(lasting), others)
    return found


def strays(seq: int, at: int, found: Known, before: int) -> Iterator[str]:
    """Give a sentence for each record that was neither kept by a tick nor entered since the one before it.

    What a tick keeps is recorded at the instant of its snapshot, and an entry after the newest one (`entries.enter`).

    Args:
        seq: The sequence of its snapshot.
        at: Its instant, in microseconds.
        found: What it was the first to know.
        before: The instant of the snapshot before.
    """
    for number, source, kind, nat_id, version, _, recorded in found.others:
        if source != SOURCE or recorded <= before:
            yield (
                f"snapshot {seq} at {instant(moment(at))} was the first to know {kind} {nat_id} version {version} of "
                f"{source} (record {number}), which is said to be of {instant(moment(recorded))}: it came with no tick"
            )


def _between(connection: Connection, after: int, upto: int) -> Iterator[Row]:
    c = schema.record.c
    columns = [c[name] for name in readings.COLUMNS]
    while after < upto:
        query = select(*columns).where(c.rec_id > after, c.rec_id <= upto).order_by(c.rec_id).limit(PAGE)
        page = connection.execute(query).all()
        yield from page
        after = page[-1][0] if len(page) == PAGE else upto
