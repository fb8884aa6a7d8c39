"""Snapshots and records to keep, said in few words."""

from datetime import UTC, date, datetime, timedelta
from typing import Literal

from pnl.domain.money import nano
from pnl.domain.records import Balance, Fill, Mark, Record, RevenueEntry, RevenueKind, Settlement
from pnl.domain.snapshot import LINES, Account, Snapshot, SourceState, Status
from pnl.ports import Gap, Tick

START = datetime(2026, 11, 2, 15, tzinfo=UTC)


def at(seconds: float) -> datetime:
    """Return an instant, in seconds after the start of all tests."""
    return START + timedelta(seconds=seconds)


def a_fill(name: str, *, after: float = 0, price: str = "0.40", version: int | None = None) -> Record:
    """Return the record of one contract bought at `price` dollars."""
    fact = Fill(
        id=name,
        ticker="KXA",
        subaccount=0,
        at=at(after),
        side="yes",
        count=100,
        price=nano(price),
        fee=nano("0.0168"),
        order_id="o-1",
        is_taker=True,
    )
    raw = f'{{"trade_id": "{name}"}}'
    return Record(source="kalshi", kind="fill", id=name, effective_at=fact.at, fact=fact, raw=raw, version=version)


def a_sale(name: str, amount: str, *, version: int | None = None, source: str = "revenue.feed") -> Record:
    """Return the record of a sale."""
    fact = an_entry(name, amount, version=version or 1)
    return Record(source=source, kind="revenue", id=name, effective_at=START, fact=fact, raw="{}", version=version)


def a_settlement(name: str, *, after: float = 0) -> Record:
    """Return the record of a market that resolved to yes."""
    fact = Settlement(
        id=name,
        ticker=name,
        event_ticker="KXE",
        at=at(after),
        result="yes",
        yes_count=100,
        yes_cost=nano("0.4"),
        no_count=0,
        no_cost=0,
        revenue=nano("1"),
        fee=0,
        value=None,
    )
    return Record(source="kalshi", kind="settlement", id=name, effective_at=fact.at, fact=fact, raw="{}")


def a_balance(cash: int) -> Record:
    """Return an observation of the cash, in nano-dollars."""
    fact = Balance(at=START, cash=cash, portfolio_value=0)
    return Record(source="pnl", kind="balance", id="opening", effective_at=START, fact=fact, raw="{}")


def an_entry(  # the fields of an entry, as one would say them
    name: str,
    amount: str,
    *,
    version: int = 0,
    kind: RevenueKind = "sale",
    day: date = date(2026, 11, 2),
    status: Literal["settled", "void"] = "settled",
) -> RevenueEntry:
    """Return an entry of `amount` dollars."""
    return RevenueEntry(
        id=name,
        version=version,
        date=day,
        amount=nano(amount),
        fee=0,
        currency="USD",
        kind=kind,
        status=status,
        description="a sale – für zwei",
    )


def a_mark(ticker: str, bid: str | None, *, after: float = 0, status: str = "active") -> Mark:
    """Return a market's quotes, of which only the bid matters."""
    return Mark(
        ticker=ticker,
        at=at(after),
        status=status,
        yes_bid=None if bid is None else nano(bid),
        yes_ask=None,
        no_bid=None,
        no_ask=None,
        last=None,
        settlement_value=None,
    )


def a_snapshot(
    seq: int,
    *,
    after: float | None = None,
    revenue: int | None = 0,
    unrealised_total: int | None = 0,
    status: Status = "live",
    checks_failed: int = 0,
) -> Snapshot:
    """Return a snapshot whose net is its revenue, ten seconds after the one before unless said otherwise."""
    moment = at(10 * seq if after is None else after)
    lines = {line: revenue if line == "revenue" else 0 for line in LINES}
    state = SourceState(status=status, as_of=moment, complete_through=None, next_attempt=None, error=None)
    return Snapshot(
        seq=seq,
        as_of=moment,
        day=moment.date(),
        demo=False,
        finality="estimated",
        lines=lines,
        net=revenue or 0,
        net_realised=revenue or 0,
        complete=revenue is not None,
        missing=() if revenue is not None else ("revenue",),
        flags=("opening_estimated",),
        account=Account(cash=nano("10"), positions_value=0, exposure=0, equity=nano("10")),
        sources={"kalshi": state},
        checks_ok=3,
        checks_failed=checks_failed,
        checks_waiting=0,
        positions=(),
        unrealised_total=unrealised_total,
    )


def a_tick(
    seq: int, *records: Record, marks: tuple[Mark, ...] = (), gap: Gap | None = None, checks: str | None = None
) -> Tick:
    """Return the tick of a snapshot, with the records and marks that came in it."""
    return Tick(snapshot=a_snapshot(seq), records=records, marks=marks, gap=gap, checks=checks)
