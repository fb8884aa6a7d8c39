"""How long an explanation and a breakdown take over a year of 100,000 fills: `python -m bench.explain`.

In memory, without the look into the store for what is shown (a few milliseconds), and without the cache.
"""

import random
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Never
from zoneinfo import ZoneInfo

from bench.world import one_fill, record
from pnl.domain.breakdown import Breakdowns, Period
from pnl.domain.company_day import Calendar
from pnl.domain.explain import DAILY, DIMENSIONS, Day, Valuation, figure, find, of_day, of_instant, over_days
from pnl.domain.explain.opening import alive, by_effect, valued
from pnl.domain.explain.positions import open_holdings
from pnl.domain.ledger import Ledger, Opening
from pnl.domain.money import DOLLAR, nano
from pnl.domain.rates import usage_key
from pnl.domain.records import Anchor, Balance, Cost, Fact, Fill, Kind, Mark, Record, RevenueEntry, Settlement, Usage
from pnl.web.tree import shown, told

FILLS, A_MARKET, DAYS = 100_000, 20, 365
LAST = date(2026, 11, 20)
FIRST = LAST - timedelta(days=DAYS - 1)


def trading(luck: random.Random) -> list[Fact]:
    """Return markets of twenty fills over three days each, all but the newest settled."""
    found: list[Fact] = []
    start = datetime(FIRST.year, FIRST.month, FIRST.day, 6, tzinfo=UTC)
    step = timedelta(days=DAYS) / (FILLS // A_MARKET)
    for number in range(FILLS // A_MARKET):
        ticker, begun = f"KX{number % 40:02d}-{number:05d}", start + step * number
        fills = [one_fill(luck, number * A_MARKET + place, ticker) for place in range(A_MARKET)]
        own = [
            Fill(**{**{name: getattr(one, name) for name in one.__slots__}, "at": begun + timedelta(hours=3 * place)})
            for place, one in enumerate(fills)
        ]
        found += own
        if begun < start + timedelta(days=DAYS - 4):
            sums = {
                side: (
                    sum(one.count for one in own if one.side == side),
                    sum(one.count * one.price // 100 for one in own if one.side == side),
                )
                for side in ("yes", "no")
            }
            net = sums["yes"][0] - sums["no"][0]
            found.append(
                Settlement(
                    id=ticker,
                    ticker=ticker,
                    event_ticker=ticker,
                    at=begun + timedelta(hours=64),
                    result="yes",
                    yes_count=sums["yes"][0],
                    yes_cost=sums["yes"][1],
                    no_count=sums["no"][0],
                    no_cost=sums["no"][1],
                    revenue=max(net, 0) * DOLLAR // 100,
                    fee=sum(one.fee for one in own),
                    value=DOLLAR,
                )
            )
    return found


def spending(luck: random.Random) -> list[Fact]:
    """Return twenty rows of cost and twelve of usage an hour for every UTC day."""
    found: list[Fact] = []
    for number in range(-1, DAYS + 1):
        day = FIRST + timedelta(days=number)
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
        whole = Decimal(0)
        for place in range(20):
            amount = Decimal(luck.randrange(1, 900_000_000)) / 10_000_000
            whole += amount
            found.append(
                Cost(
                    id=f"{day}|{place}",
                    start=midnight,
                    end=midnight + timedelta(days=1),
                    amount=amount,
                    currency="USD",
                    model=f"claude-{place % 5}",
                    token_type="output_tokens",  # noqa: S106 - of tokens, no secret
                    cost_type="tokens",
                    service_tier="standard",
                    context_window=None,
                    inference_geo=None,
                    workspace_id=f"w{place % 3}",
                    description=None,
                )
            )
        rows = [
            Usage(
                id=f"{day}|{hour}|{place}",
                start=midnight + timedelta(hours=hour),
                end=midnight + timedelta(hours=hour + 1),
                model=f"claude-{place % 5}",
                service_tier="standard",
                context_window=None,
                inference_geo=None,
                tokens={"output_tokens": 1000},
                list_values={"output_tokens": Decimal(luck.randrange(1, 900)) / 100},
            )
            for hour in range(24)
            for place in range(12)
        ]
        found += rows
        listed: dict[str, Decimal | None] = {}
        for row in rows:
            key = usage_key(row, "output_tokens")
            listed[key] = (listed.get(key) or Decimal(0)) + (row.list_values["output_tokens"] or 0)
        found.append(
            Anchor(
                id=f"{day}",
                day=day,
                read_at=midnight + timedelta(hours=20),
                watermark=None,
                reported=whole,
                usage_known=True,
                list_values=listed,
            )
        )
    return found


def revenue(luck: random.Random) -> list[Fact]:
    """Return thirty sales a day of two hundred customers, and five costs that recur."""
    sales = [
        RevenueEntry(
            id=f"s{number}",
            version=1,
            date=FIRST + timedelta(days=number // 30),
            amount=nano(f"{luck.randrange(1, 90_000) / 100:.2f}"),
            fee=nano("-0.31"),
            currency="USD",
            kind="sale",
            status="settled",
            description="a sale",
            customer=f"customer {luck.randrange(200)}",
        )
        for number in range(30 * DAYS)
    ]
    rents = [
        RevenueEntry(
            id=f"c{number}",
            version=1,
            date=FIRST,
            amount=nano("-1200"),
            fee=0,
            currency="USD",
            kind="operating_cost",
            status="settled",
            description="rent",
            recurs="yearly",
        )
        for number in range(5)
    ]
    return [*sales, *rents]


_KIND: dict[type, tuple[Kind, str]] = {
    Settlement: ("settlement", "kalshi"),
    Cost: ("cost", "anthropic"),
    Usage: ("usage", "anthropic"),
    Anchor: ("anchor", "anthropic"),
    RevenueEntry: ("revenue", "revenue.feed"),
    Balance: ("balance", "kalshi"),
}


def of(fact: Fact) -> Record:
    """Return the record of a fact."""
    if isinstance(fact, Fill):
        return record(fact)
    kind, source = _KIND[type(fact)]
    name = "opening" if isinstance(fact, Balance) else fact.id
    return Record(source=source, kind=kind, id=name, effective_at=datetime.now(UTC), fact=fact, raw="{}", version=1)


def timed(name: str, run: Callable[[], object]) -> None:
    """Run three times and print the first and the quickest, by the clock and of the processor."""
    took, worked = [], []
    for _ in range(3):
        began, begun = time.perf_counter(), time.process_time()
        run()
        took.append((time.perf_counter() - began) * 1000)
        worked.append((time.process_time() - begun) * 1000)
    clock, processor = (f"first {one[0]:8.2f} ms   then {min(one[1:]):8.2f} ms" for one in (took, worked))
    print(f"{name:56} {clock}   CPU: {processor}")


def stated(ledger: Ledger, day: date) -> Day:
    """Return a day as the ledger states it."""
    lines = ledger.statement(Opening(day, 0, False), trading=True, revenue=True).lines
    opening = Valuation(at=None, unrealised=0, holdings=list)
    closing = Valuation(at=None, unrealised=ledger.unrealised(), holdings=lambda: open_holdings(ledger))
    return Day(
        know=lambda: ledger,
        calendar=ledger.calendar,
        day=day,
        lines=lines,
        opening=lambda: opening,
        closing=lambda: closing,
    )


def main() -> None:
    """Build the year and open figures of it."""
    luck = random.Random(1)
    ledger = Ledger(Calendar(ZoneInfo("America/New_York")))
    began = time.perf_counter()
    start = datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=UTC)
    facts: list[Fact] = [Balance(at=start, cash=10**15, portfolio_value=0)]
    facts += [*trading(luck), *spending(luck), *revenue(luck)]
    ledger.take(of(fact) for fact in facts)
    ledger.quote(_marks(luck, ledger))
    took = time.perf_counter() - began
    print(f"{FILLS:,} fills in {len(ledger.book.markets):,} markets, {len(ledger.rows())} open, taken in {took:.1f} s")
    news = [of(one_fill(luck, FILLS + number, today_market(ledger))) for number in range(100)]
    timed("a copy of the books", ledger.fork)
    timed("a copy, brought forward by 100 fills", lambda: ledger.fork().take(news))
    days = [stated(ledger, FIRST + timedelta(days=number)) for number in range(DAYS)]
    today = days[-1]
    for name in DAILY:
        timed(f"{name} of today", lambda name=name: told(shown(of_day(name, today), ""), {}))  # type: ignore[misc]  # mypy knows no defaults of a lambda
    ticker = today_market(ledger)
    for figure_name, path in (
        ("trading_realised", ticker),
        ("api_cost", LAST.isoformat()),
        ("net", f"trading_realised/{ticker}"),
        ("trading_unrealised", "now"),
    ):
        timed(f"{figure_name} of today, opened at {path}", lambda n=figure_name, p=path: opened(of_day(n, today), p))  # type: ignore[misc]  # mypy knows no defaults of a lambda
    for name in ("cash", "equity", "exposure", "unrealised_total", "positions.best_case"):
        asked = figure(name)
        assert asked
        timed(name, lambda asked=asked: told(shown(of_instant(asked, ledger) or fail(), ""), {}))  # type: ignore[misc]  # mypy knows no defaults of a lambda
    asked = figure("cash")
    assert asked
    timed("cash, opened at fills", lambda: opened(of_instant(asked, ledger) or fail(), "fills"))
    for name in ("net", "trading_unrealised"):
        timed(f"{name} of the year", lambda name=name: told(shown(over_days(name, days), ""), {}))  # type: ignore[misc]  # mypy knows no defaults of a lambda
        timed(f"{name} of the year, opened at a month", lambda name=name: opened(over_days(name, days), "2026-10"))  # type: ignore[misc]  # mypy knows no defaults of a lambda
    middle = datetime(2026, 5, 20, 4, tzinfo=UTC)
    timed(
        "the open positions of half a year ago",
        lambda: valued(ledger, by_effect(ledger, alive(ledger, middle), middle), ()),
    )
    breakdowns, period = (
        Breakdowns(),
        Period(days=[(day.day, day.lines) for day in days], closing=open_holdings(ledger)),
    )
    for by in DIMENSIONS:
        timed(f"the year by {by}", lambda by=by: breakdowns.rows(by, ledger, period))  # type: ignore[misc]  # mypy knows no defaults of a lambda


def opened(root: object, path: str) -> object:
    """Open a node and tell of it."""
    place = find(root, path)  # type: ignore[arg-type]  # every root that is timed is a node
    assert place, path
    return told(shown(*place), {})


def today_market(ledger: Ledger) -> str:
    """Return a market that was traded today."""
    return next(t for t in ledger.book.traded(LAST) if ledger.book.markets[t].days.get(LAST))


def fail() -> Never:
    """Say that there is no such figure."""
    raise ValueError("no such figure")


def _marks(luck: random.Random, ledger: Ledger) -> list[Mark]:
    return [
        Mark(
            ticker=row.ticker,
            at=datetime(2026, 11, 20, 12, tzinfo=UTC),
            status="active",
            yes_bid=luck.randrange(1, 98) * DOLLAR // 100,
            yes_ask=DOLLAR,
            no_bid=luck.randrange(1, 98) * DOLLAR // 100,
            no_ask=DOLLAR,
            last=None,
            settlement_value=None,
        )
        for row in ledger.rows()
    ]


if __name__ == "__main__":
    main()
