"""An archive with a few of everything, hostile words among them."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from pnl.cli.export import known_days
from pnl.config import Settings
from pnl.domain.records import Cost, Record
from pnl.export.archive import Archive
from pnl.store import SqlStore, open_store
from tests.store.making import START, a_fill, a_settlement, a_snapshot, a_tick, an_entry, at

HOSTILE = '=HYPERLINK("http://x"),\r\n"quoted"'
TICKS = 600


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of a store of six hundred ticks over two hours, with records of every kind."""
    path = tmp_path_factory.mktemp("export") / "pnl.db"
    store = open_store(f"sqlite:///{path}", demo=False)
    store.lead()
    fill(store)
    store.close()
    return path


@pytest.fixture
def url(made: Path, tmp_path: Path) -> str:
    """Return the address of a copy of it."""
    shutil.copy(made, tmp_path / "pnl.db")
    return f"sqlite:///{tmp_path / 'pnl.db'}"


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    """Give the store, which this process leads."""
    store = open_store(url, demo=False)
    store.lead()
    yield store
    store.close()


@pytest.fixture
def archive(store: SqlStore) -> Archive:
    return Archive(store, known_days(store, Settings(_env_file=None)))  # type: ignore[call-arg]  # as pydantic has it


def fill(store: SqlStore, ticks: int = TICKS) -> None:
    """Keep ticks in a store, all records in the first and a correction in the last."""
    keep(store, 1, *records(), after=10)
    for seq in range(2, ticks):
        keep(store, seq, after=12 * seq, revenue=None if seq % 50 == 0 else -seq * 1_234_567)
    keep(store, ticks, a_fill("f-3", after=30, price="0.55"), after=12 * ticks, revenue=7)


def keep(store: SqlStore, seq: int, *told: Record, after: float, revenue: int | None = 0) -> None:
    """Keep a tick with a snapshot that knows of every source."""
    made = a_snapshot(seq, after=after, revenue=revenue)
    sources = dict.fromkeys(("kalshi", "anthropic", "revenue"), made.sources["kalshi"])
    store.keep(replace(a_tick(seq, *store.sort(told).new), snapshot=replace(made, sources=sources)))


def records() -> list[Record]:
    """Return what the sources told."""
    return [
        *(a_fill(f"f-{number}", after=10 * number) for number in range(1, 8)),
        a_settlement("KXA", after=50),
        a_cost("c-1", "0.000000000001234567"),
        a_cost("c-2", "64.13", description=HOSTILE),
        an_income("s-1", "-2191.50"),
        an_income("s-2", "0.000000001", description=HOSTILE, source="manual"),
        an_income("s-3", "5", description="-1+1", source="manual"),
    ]


def a_cost(name: str, amount: str, description: str | None = None) -> Record:
    """Return the record of a row of a cost report, of a day that had not ended."""
    start = datetime(2026, 11, 2, tzinfo=UTC)
    fact = Cost(
        id=name,
        start=start,
        end=start + timedelta(days=1),
        amount=Decimal(amount),
        currency="USD",
        model="@claude",
        token_type=None,
        cost_type="tokens",
        service_tier=None,
        context_window=None,
        inference_geo=None,
        workspace_id="-w",
        description=description,
    )
    return Record(source="anthropic", kind="cost", id=name, effective_at=start, fact=fact, raw="{}")


def an_income(name: str, amount: str, description: str = "a sale – für zwei", source: str = "revenue.feed") -> Record:
    """Return the record of an entry."""
    fact = replace(
        an_entry(name, amount, version=1, day=date(2026, 11, 2)),
        description=description,
        occurred_at=START,
        customer="+4912345",
    )
    return Record(source=source, kind="revenue", id=name, effective_at=at(5), fact=fact, raw="{}", version=1)
