"""Holds manual entries and their audit against each other: each version kept has one line, each line its version.

Both are written in one transaction, so that any look finds both or neither. What a line says stands in its record,
too, which is in the chain of snapshots: a line that was made up agrees with no record.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, select

from pnl.domain.records import RevenueEntry
from pnl.ports import RESTORED_GAP
from pnl.store import schema
from pnl.store.about import RESTORED
from pnl.store.entries import SOURCE, action_of
from pnl.store.facts import decode, microseconds

CHUNK = 400
Page = tuple[int, int, list[str]]
"""The last number of a page, how many rows it has, and a sentence for each fault."""


def named(row: Any) -> str:  # noqa: ANN401 - a row of the table
    """Return what a record is called in a sentence: kind, id, version, source and number."""
    return f"{row.kind} {row.nat_id} version {row.version} of {row.source} (record {row.rec_id})"


def records(connection: Connection, after: int, limit: int) -> Page:
    """Hold the next manual records above a number against the audit."""
    c, line = schema.record.c, schema.audit.c
    query = select(c.rec_id, c.source, c.kind, c.nat_id, c.version, c.fact).where(c.source == SOURCE, c.rec_id > after)
    rows = connection.execute(query.order_by(c.rec_id).limit(limit)).all()
    counts: dict[tuple[str, str], int] = {}
    for ids in _chunks([row.nat_id for row in rows]):
        for entry_id, body in connection.execute(select(line.entry_id, line.body).where(line.entry_id.in_(ids))):
            counts[entry_id, body] = counts.get((entry_id, body), 0) + 1
    wrong = []
    for row in rows:
        count = counts.get((row.nat_id, row.fact), 0) if row.kind == "revenue" else 0
        if count != 1:
            has = f"has {count} lines" if count else "has no line"
            wrong.append(f"{named(row)} {has} in the audit of manual entries")
    return (rows[-1].rec_id if rows else after), len(rows), wrong


def lines(connection: Connection, after: int, limit: int, *, restored: bool = False) -> Page:
    """Hold the next lines of the audit above a number against the records.

    Args:
        connection: Where to look.
        after: The number.
        limit: How many lines to look at.
        restored: Whether the archive was just put together from backups, which may end at its newest snapshot.
    """
    c, line = schema.record.c, schema.audit.c
    rows = connection.execute(
        select(schema.audit).where(line.audit_id > after).order_by(line.audit_id).limit(limit)
    ).all()
    said: dict[tuple[str, str], str] = {}
    for ids in _chunks([row.entry_id for row in rows]):
        of = (c.source == SOURCE, c.kind == "revenue", c.nat_id.in_(ids))
        for nat_id, fact, raw in connection.execute(select(c.nat_id, c.fact, c.raw).where(*of)):
            said[nat_id, fact] = raw
    wrong = []
    for row in rows:
        raw = said.get((row.entry_id, row.body))
        if raw is None:
            if not _lost(connection, row.at_us, restored=restored):
                wrong.append(f"audit line {row.audit_id} is of a version of {row.entry_id} that is not there")
        elif (row.at_us, row.actor, row.action) != _told(row.body, raw):
            wrong.append(
                f"audit line {row.audit_id} does not say who did what to {row.entry_id} when, as its record does"
            )
    return (rows[-1].audit_id if rows else after), len(rows), wrong


def _chunks(names: Sequence[str]) -> Iterator[list[str]]:
    found = list(dict.fromkeys(names))
    for start in range(0, len(found), CHUNK):
        yield found[start : start + CHUNK]


def _told(fact: str, raw: str) -> tuple[int, str, str] | None:
    """Return when, by whom and what was done, as a record tells it; None where it makes no sense."""
    try:
        entry, by = decode(fact), json.loads(raw)["entered_by"]
    except (ValueError, KeyError, TypeError):
        return None
    if not isinstance(entry, RevenueEntry) or entry.updated_at is None:
        return None
    return microseconds(entry.updated_at), by, action_of(entry)


def _lost(connection: Connection, at_us: int, *, restored: bool) -> bool:
    """Tell whether an entry is one that a backup lost: it held the lines of the audit, and records up to a snapshot.

    Segments of older versions were such. What came after that snapshot, and before the next one, is not there.
    """
    gap, snapshot, about = schema.gap.c, schema.snapshot.c, schema.about.c
    during = (gap.reason == RESTORED_GAP, gap.since_us < at_us, gap.until_us >= at_us)
    if connection.execute(select(gap.since_us).where(*during).limit(1)).scalar() is not None:
        return True
    newest = connection.execute(select(snapshot.seq, snapshot.as_of_us).order_by(snapshot.seq.desc()).limit(1)).first()
    if newest and at_us <= newest.as_of_us:
        return False
    if restored:
        return True
    note = connection.execute(select(about.value).where(about.name == RESTORED)).scalar()
    told = json.loads(note) if note else None
    return isinstance(told, dict) and told.get("seq") == (newest.seq if newest else 0)


def unlined(connection: Connection, above: int) -> Iterator[str]:
    """Give a sentence for every manual record above a number that has not one line in the audit."""
    after, count = above, CHUNK
    while count == CHUNK:
        after, count, wrong = records(connection, after, CHUNK)
        yield from wrong
