"""Archives worth backing up: fills, marks, readings that were replaced, entries, checks, gaps, thinned days."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from pnl.domain.checks import Check
from pnl.domain.records import Cost, Market, Record
from pnl.ports import Gap, Tick
from pnl.store import SqlStore
from tests.store.making import a_fill, a_mark, a_snapshot, an_entry, at


def a_cost(amount: str) -> Record:
    """Return a reading of a day's cost, which the next reading of it replaces."""
    day = datetime(2026, 11, 2, tzinfo=UTC)
    fact = Cost(
        id="c-1",
        start=day,
        end=day + timedelta(days=1),
        amount=Decimal(amount),
        currency="USD",
        model="claude",
        token_type=None,
        cost_type=None,
        service_tier=None,
        context_window=None,
        inference_geo=None,
        workspace_id=None,
        description=None,
    )
    return Record(source="anthropic", kind="cost", id="c-1", effective_at=day, fact=fact, raw=f'"{amount}"')


def live(store: SqlStore, ticks: int, *, days: int = 0) -> None:
    """Make so many ticks more, in which something of everything happens, some days after the start of all tests."""
    last = store.last_row()
    first, before = (last.seq + 1, last.as_of) if last else (1, at(0))
    for seq in range(first, first + ticks):
        now = 86_400 * days + 10 * seq
        if seq % 3 == 0:
            store.enter(an_entry(f"inv-{seq}", "1.5"), replaces=None, actor="ann", at=at(now - 1))
        hole = at(now) - before > timedelta(seconds=10) and seq > 1
        wrong = Check(name="I1_position", scope="KXA", expected=100, actual=100 + seq % 2)
        store.keep(
            Tick(
                snapshot=a_snapshot(seq, after=now, revenue=seq * 1_000_000_000 + 7),
                records=store.sort([a_fill(f"f-{seq}", after=now), a_cost(f"{seq}.25")]).new,
                marks=(a_mark("KXA", f"0.{seq % 90:02d}", after=now), a_mark("KXB", "0.5", after=now)),
                markets=(Market(ticker="KXA", event_ticker="KX", title=f"Number {seq // 4}", close_time=None),),
                gap=Gap(since=before, until=at(now), missed=2, reason="a test") if hole else None,
                checked={"KXA": (wrong,)},
                interval_seconds=10,
                known=store.last_record(),
            )
        )
        before = at(now)


def thin(store: SqlStore) -> None:
    """Thin the marks of the first days, which are old a month later."""
    while store.thin(at(20 * 86_400)):
        pass
