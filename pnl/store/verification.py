"""Proves that the archive is whole: nothing missing, nothing altered, nothing that is not explained."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, func, literal, select, tuple_

from pnl.domain.money import DOLLAR
from pnl.domain.snapshot import instant
from pnl.errors import StoreError, StoreMismatch
from pnl.store import (
    auditing,
    entries,
    memories,
    quotes,
    readings,
    recent,
    records,
    schema,
    shared_checks,
    soundness,
    strays,
)
from pnl.store.database import Database, database_of
from pnl.store.engine import file_of
from pnl.store.facts import moment
from pnl.store.failures import answering
from pnl.store.looking import SqliteLook, writable
from pnl.store.migrate import revisions
from pnl.store.quotes import QUOTES
from pnl.store.records import digest
from pnl.store.remains import Remains
from pnl.store.walk import Walk

PAGE = 2_000


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, in a sentence with its place."""

    text: str


@dataclass(frozen=True, slots=True)
class Looked:
    """What was looked at, in words, once it was."""

    text: str


@contextmanager
def opened(url: str, *, lock_seconds: float = 5) -> Iterator[Database]:
    """Give the database at `url` to look at; it is neither made nor migrated, and need not be writable.

    Raises:
        ConfigError: The URL cannot be used.
        StoreMismatch: It is of another version of the schema.
        StoreError: It cannot be opened.
    """
    file = None if url.startswith("postgresql") else file_of(url)
    if file and not file.exists():
        raise StoreError(f"{file} is not there: name an archive by PNL_DATABASE_URL or PNL_DATA_DIR")
    database: Database
    if file and not writable(file):
        database = SqliteLook(url, lock_seconds=lock_seconds)
    else:
        database = database_of(url, lock_seconds=lock_seconds)
    try:
        with answering(), database.reading() as connection:
            at, wanted = revisions(connection)
        if at != wanted:
            raise StoreMismatch(f"{database.name} has schema {at}, this version looks at {wanted}: start it once first")
        yield database
    finally:
        database.close()


def built(database: Database) -> Iterator[Fault | Looked]:
    """Give what SQLite itself finds wrong with its file: pages that belong nowhere or twice, rows that no index has.

    What is there may prove to the last digit while the file is torn: where no row lies, or where no walk comes by. A
    PostgreSQL has no such question.
    """
    with answering(), database.reading() as connection:
        if connection.dialect.name != "sqlite":
            return
        wrong = soundness.torn(connection)
    yield from (Fault(f"the file is damaged: {line}") for line in wrong)
    yield Looked("the file itself, as SQLite's integrity_check sees it: pages, rows, indexes")


def examine(
    database: Database, noted: tuple[int, str] | None = None, *, restored: bool = False
) -> Iterator[Fault | Looked]:
    """Give every fault as it is found, and what was looked at.

    It only reads, a page at a time, so that the product may go on ticking meanwhile.

    Args:
        database: As `opened` gives it.
        noted: A snapshot's sequence and its hash, as they were once told: they must still be so.
        restored: Whether it was just put together from backups, and nobody has ticked since.
    """
    with answering():
        yield from _snapshots(database, noted)
        for faults, looked in (
            (recent.faults, "{} snapshots for processes that follow: each against what was kept of it"),
            (shared_checks.faults, "{} checks for processes that follow: each against what was logged of it"),
            (memories.faults, "what is kept of {} sources between two readings: that it can be read"),
        ):
            yield from _beside(database, faults, looked)
        yield from _records(database)
        yield from _readings(database)
        yield from _entries(database, restored)
        yield from _marks(database)
        yield from _markets(database)


def _snapshots(database: Database, noted: tuple[int, str] | None) -> Iterator[Fault | Looked]:
    walk = Walk(noted)
    done = False
    while not done:
        with database.reading() as connection:
            faults, done = walk.page(connection)
            if done:  # in the same look, so that nothing has grown since
                faults += walk.finish(connection)
        yield from map(Fault, faults)
    if walk.last is None:
        yield Looked("no snapshot yet")
        return
    yield Looked(f"{walk.count} snapshots: sequence, times, gaps, lines, what is carried over, the chain")
    yield Looked("roll-ups of every level and company days, made anew from them")
    yield Looked(_covered(walk))
    yield Looked(f"the chain ends with snapshot {walk.last[0]}: {walk.hash}")


def _beside(
    database: Database, faults: Callable[[Connection], tuple[int, list[str]]], looked: str
) -> Iterator[Fault | Looked]:
    """Look at what is kept beside the snapshots for other processes; in `looked` stands `{}` for how much it is."""
    with database.reading() as connection:
        count, wrong = faults(connection)
    yield from map(Fault, wrong)
    if count:
        yield Looked(looked.format(count))


def _covered(walk: Walk) -> str:
    """Return from where on marks, and what markets were called, are in the chain."""
    if walk.sealed is None:
        return "no marks are in the chain: every snapshot is of an older version"
    if walk.whole is None:
        return f"what markets were called from snapshot {walk.sealed} on, against the chain; all its marks are thinned"
    names = "" if walk.whole == walk.sealed else f" (names from {walk.sealed} on)"
    return f"marks and names of markets from snapshot {walk.whole} on{names}: all there, as the chain says"


def _records(database: Database) -> Iterator[Fault | Looked]:
    c = schema.record.c
    count = after = 0
    while True:
        query = select(c.rec_id, c.kind, c.nat_id, c.version, c.fact, c.sha256, c.ticker).where(c.rec_id > after)
        with database.reading() as connection:
            page = connection.execute(query.order_by(c.rec_id).limit(PAGE)).all()
        for row in page:
            where = f"{row.kind} {row.nat_id} version {row.version} (record {row.rec_id})"
            if digest(row.fact) != row.sha256:
                yield Fault(f"{where} is not what was kept")
            elif row.ticker != ticker(row.kind, row.fact):
                yield Fault(f"{where} is filed under the market {row.ticker}, which it does not name")
        count += len(page)
        if len(page) < PAGE:
            break
        after = page[-1].rec_id
    with database.reading() as connection:
        known, _ = strays.newest(connection)
        newest = connection.execute(select(func.max(c.rec_id))).scalar()
        unknown = list(strays.strays(connection))
    yield from map(Fault, unknown)
    if (newest or 0) < known:
        yield Fault(f"records up to {known} were known to the newest snapshot, and the last that is there is {newest}")
    yield Looked(f"{count} records: each against its digest, and what no snapshot knows was entered since")


def _readings(database: Database) -> Iterator[Fault | Looked]:
    count = after = 0
    more = True
    while more:
        with database.reading() as connection:
            after, page, wrong = readings.faults(connection, after, PAGE)
        yield from map(Fault, wrong)
        count, more = count + page, page == PAGE
    yield Looked(f"{count} packs of readings that later ones replaced: each against its digest")


def ticker(kind: str, fact: str) -> str | None:
    """Return the market that a fact names, if it is of a kind that is filed by market."""
    if kind not in ("fill", "settlement"):
        return None
    found = json.loads(fact)[2]
    return str(found)


def _entries(database: Database, restored: bool) -> Iterator[Fault | Looked]:
    with database.reading() as connection:
        yield from map(Fault, entries.damage(connection))
        count = connection.execute(select(func.count()).select_from(schema.audit)).scalar_one()
    after, page = 0, PAGE
    while page == PAGE:
        with database.reading() as connection:
            after, page, wrong = auditing.lines(connection, after, PAGE, restored=restored)
        yield from map(Fault, wrong)
    after, page = 0, PAGE
    while page == PAGE:
        with database.reading() as connection:
            after, page, wrong = auditing.records(connection, after, PAGE)
        yield from map(Fault, wrong)
    yield Looked(f"{count} lines of the audit of manual entries: each against the one before, and against its entry")


def _marks(database: Database) -> Iterator[Fault | Looked]:
    c = schema.mark.c
    count, after = 0, ("", -1)
    with database.reading() as connection:
        remains = Remains(connection)
        seal = schema.snapshot.c
        sealed = select(seal.seq, seal.as_of_us).where(seal.body_sha256.is_not(None)).order_by(seal.seq).limit(1)
        first, since = connection.execute(sealed).first() or (0, records.LARGEST)
    while True:
        query = select(schema.mark).where(tuple_(c.ticker, c.at_us) > tuple_(literal(after[0]), literal(after[1])))
        with database.reading() as connection:
            page = connection.execute(query.order_by(c.ticker, c.at_us).limit(PAGE)).all()
            newest = connection.execute(select(func.max(schema.snapshot.c.seq))).scalar() or 0
        for row in page:
            remains.take(row)
            ours = (first != 1 and row.at_us <= since) if row.seq is None else 0 < row.seq <= newest
            if not ours:
                yield Fault(f"the mark of {row.ticker} at {instant(moment(row.at_us))} was written by no snapshot")
            for name in QUOTES:
                price = getattr(row, f"{name}_n")
                if price is not None and not 0 <= price <= DOLLAR:
                    yield Fault(f"the mark of {row.ticker} at {instant(moment(row.at_us))}: {name} is no price")
        count += len(page)
        if len(page) < PAGE:
            break
        after = (page[-1].ticker, page[-1].at_us)
    with database.reading() as connection:
        yield from map(Fault, remains.faults(connection))
    yield Looked(f"{count} marks: each against what a price may be")
    if remains.steps:
        yield Looked(f"{len(remains.steps)} steps of thinning old marks: what each left, against its digest")


def _markets(database: Database) -> Iterator[Fault | Looked]:
    with database.reading() as connection:
        count = connection.execute(select(func.count()).select_from(schema.market)).scalar_one()
        for ticker_ in quotes.renamed(connection):
            yield Fault(f"what the market {ticker_} is called is not what it was called last")
    yield Looked(f"{count} markets: what each is called, against what it was called last")
