"""The same ticks leave the same rows in SQLite and in PostgreSQL, and the same answers."""

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pnl.domain.records import Market, Record
from pnl.ports import Gap, SourceMemory, Tick
from pnl.store import SqlStore, open_store, schema
from tests.store.making import a_fill, a_mark, a_sale, a_settlement, a_snapshot, an_entry, at
from tests.store.outside import told

TEXTS = (
    "plain",
    'quo"ted',
    "back\\slash",
    "tab\tand\nline",
    "ünï – 日本",
    "\\N",
    "\\.",
    "",
    " ",
    "100%",
    "%(x)s",
    ":x",
)


@pytest.fixture
def kind() -> str:
    """Return the kind of `url`; the other is asked for by name."""
    return "sqlite"


@pytest.fixture
def both(tmp_path: Path, plain_postgres_url: str) -> Iterator[dict[str, SqlStore]]:
    """Give a store of each kind, by URL."""
    urls = (f"sqlite:///{tmp_path / 'pnl.db'}", plain_postgres_url)
    stores = {url: open_store(url, demo=False) for url in urls}
    yield stores
    for store in stores.values():
        store.close()


def live(store: SqlStore, seed: int) -> list[object]:
    """Make the ticks, entries and questions of a life that a number decides; return the answers."""
    chance = random.Random(seed)
    store.lead()
    answers: list[object] = []
    for seq in range(1, 40):
        size = chance.choice([0, 1, 3, 500])
        found = store.sort([a_record(chance, seq) for _ in range(size)])
        answers.append([(record.id, record.version) for record in found.new] + [one[1] for one in found.conflicts])
        store.keep(a_tick_of(chance, seq, found.new))
        if chance.random() < 0.3:
            number = chance.randrange(5)
            kept = next((entry for entry in store.entries() if entry.id == f"inv-{number}"), None)
            entry = replace(an_entry(f"inv-{number}", str(seq)), description=chance.choice(TEXTS))
            replaces = kept.version if kept else None
            answers.append(store.enter(entry, replaces=replaces, actor="ann", at=at(10 * seq + 1)))
    answers += [
        list(store.facts("fill", "settlement", "revenue")),
        sorted(store.marks(), key=lambda mark: mark.ticker),
        sorted(store.markets(), key=lambda market: market.ticker),
        sorted(store.sources(), key=lambda memory: memory.name),
        list(store.rows(at(50), at(300))),
        [store.row_before(at(100)), store.row_after(at(100)), store.last_row(), store.current()],
        store.gaps(at(0), at(1000)),
        [store.series(["net", "equity", "cumulative_net"], at(0), at(500), step, 1_000) for step in ("1m", "1w")],
        store.company_days(None, None),
        [store.highest(day.day) for day in store.company_days(None, None)],
        store.records_after(20),
        store.entries(),
        [store.audit(f"inv-{number}") for number in range(5)],
        [store.head(), store.last_record(), store.checks(), store.damage()],
        pages(store),
    ]
    return answers


def a_record(chance: random.Random, seq: int) -> Record:
    """Return a record, often one that was seen before, sometimes with another content."""
    name = f"{chance.choice(TEXTS)}{chance.randrange(300)}"
    make = chance.choice(["fill", "sale", "settlement"])
    if make == "fill":
        return replace(a_fill(name, after=seq, price=f"0.{chance.randrange(1, 9)}"), raw=chance.choice(TEXTS))
    if make == "sale":
        return a_sale(name, str(chance.randrange(50)), version=chance.choice([None, 1, 2, 3]))
    return a_settlement(name, after=chance.randrange(400))


def a_tick_of(chance: random.Random, seq: int, records: tuple[Record, ...]) -> Tick:
    revenue = chance.choice([None, -(2**62), 0, chance.randrange(-(10**12), 10**12)])
    memory = SourceMemory(
        name="kalshi",
        cursor=chance.choice([None, *TEXTS]),
        as_of=at(seq),
        complete_through=None,
        last_attempt=None,
        next_attempt=None,
        failures=seq,
        error=chance.choice([None, *TEXTS]),
        caught_up=True,
        facts={chance.choice(TEXTS): "x"},
    )
    return Tick(
        snapshot=a_snapshot(
            seq,
            revenue=revenue,
            unrealised_total=chance.choice([None, 5]),
            status=chance.choice(["live", "stale"]),
            checks_failed=chance.randrange(2),
        ),
        records=records,
        marks=tuple(
            a_mark(f"KX{chance.randrange(400)}", chance.choice([None, "0.4", "0.5"]), after=seq)
            for _ in range(chance.choice([1, 300]))
        ),
        markets=(Market(ticker=f"KX{seq}", event_ticker="E", title=chance.choice(TEXTS), close_time=None),),
        sources=(memory,),
        gap=Gap(since=at(10 * seq - 9), until=at(10 * seq), missed=1, reason="x") if chance.random() < 0.2 else None,
        checks=chance.choice([None, "[]"]),
    )


def pages(store: SqlStore) -> list[list[tuple[str, int | None]]]:
    """Return every page of records, by id and version; cursors are a store's own."""
    found, cursor = [], None
    while True:
        page = store.page(["fill", "revenue"], at(5), None, cursor, 50)
        found.append([(record.id, record.version) for record in page.records])
        cursor = page.next
        if cursor is None:
            return found


def rows(url: str, table: str) -> list[tuple[object, ...]]:
    """Return every row of a table but the name of the series, in the order of its key."""
    made = schema.metadata.tables[table]
    columns = ", ".join(column.name for column in made.c)
    keys = ", ".join(column.name for column in made.primary_key)
    but = " WHERE name <> 'stream'" if table == "about" else ""
    return told(url, f"SELECT {columns} FROM {table}{but} ORDER BY {keys}")  # noqa: S608 - tables, columns and numbers of our own code, nothing from outside


@pytest.mark.parametrize("seed", range(3))
def test_the_same_life_leaves_the_same_rows_and_answers(both: dict[str, SqlStore], seed: int) -> None:
    one, other = (live(store, seed) for store in both.values())

    for number, answer in enumerate(one):
        assert answer == other[number], number
    first, second = both
    for table in schema.metadata.tables:
        assert rows(first, table) == rows(second, table), table
    assert len(rows(first, "record")) > 300
    assert len(rows(first, "roll_1m")) >= 6
