"""A trading history of any size, and a Kalshi that answers at once: what the benchmarks run on."""

import json
import random
from datetime import UTC, datetime, timedelta

from pnl.domain.book import Book
from pnl.domain.company_day import Calendar
from pnl.domain.money import CENT
from pnl.domain.records import Fill, Mark, Market, Record, Report, ReportedPosition
from pnl.errors import SourceError
from pnl.ports import Reading

START = datetime(2026, 6, 1, tzinfo=UTC)


def history(fills: int, markets: int, seed: int = 1) -> list[Fill]:
    """Return `fills` fills over `markets` markets, oldest first."""
    luck = random.Random(seed)
    return [one_fill(luck, number, f"KXBENCH-{luck.randrange(markets):04d}") for number in range(fills)]


def one_fill(luck: random.Random, number: int, ticker: str) -> Fill:
    """Return the fill with this number."""
    return Fill(
        id=f"{number:08d}-0000-4000-8000-000000000000",
        ticker=ticker,
        subaccount=0,
        at=START + timedelta(seconds=100 * number),
        side=luck.choice(["yes", "no"]),
        count=luck.randrange(1, 200) * 100,
        price=luck.randrange(1, 100) * CENT,
        fee=luck.randrange(0, 2_000_000) * 1000,
        order_id=f"order-{number // 3}",
        is_taker=True,
    )


def record(fill: Fill) -> Record:
    """Return a fill as the record that an adapter makes of it."""
    raw = json.dumps({"fill_id": fill.id, "ticker": fill.ticker, "count_fp": str(fill.count)})
    return Record(source="kalshi", kind="fill", id=fill.id, effective_at=fill.at, fact=fill, raw=raw)


class InstantKalshi:
    """Implements `pnl.ports.Source`: the history at first, then a few fills and moved quotes a reading."""

    name = "kalshi"
    every_seconds = 0.0
    traffic = None

    def __init__(self, fills: list[Fill], *, new_fills: int, moved: int, calendar: Calendar) -> None:
        self._luck = random.Random(2)
        self._fills = fills
        self._number = len(fills)
        self._new, self._moved = new_fills, moved
        self._tickers = sorted({fill.ticker for fill in fills})
        self._book = Book(calendar)
        self._book.add(fills)
        self._first = True
        self._marks: dict[str, Mark] = {}
        self._prepared = Reading(as_of=START, cursor="{}")

    def wait_after(self, error: SourceError, failures: int) -> float:
        """Return no wait: it never fails."""
        del error, failures
        return 0

    async def close(self) -> None:
        """Let go of nothing."""

    async def read(self, cursor: str | None) -> Reading:
        """Return what was prepared."""
        del cursor
        return self._prepared

    def prepare(self) -> None:
        """Make the next reading: the history, or what is new."""
        at = datetime.now(UTC)
        fresh = self._fills if self._first else [self._fill() for _ in range(self._new)]
        if not self._first:
            self._book.add(fresh)
        self._first, self._fills = False, []
        quoted = self._tickers if not self._marks else self._luck.sample(self._tickers, self._moved)
        self._marks.update({ticker: self._mark(ticker, at) for ticker in quoted})
        self._prepared = Reading(
            as_of=at,
            cursor="{}",
            records=tuple(record(fill) for fill in fresh),
            marks=tuple(self._marks.values()),
            markets=tuple(
                Market(ticker=ticker, event_ticker=ticker, title=f"Market {ticker}", close_time=None)
                for ticker in self._tickers
            ),
            report=self._report(at),
        )

    def _fill(self) -> Fill:
        self._number += 1
        return one_fill(self._luck, self._number, self._luck.choice(self._tickers))

    def _mark(self, ticker: str, at: datetime) -> Mark:
        bid = self._luck.randrange(1, 98) * CENT
        return Mark(
            ticker=ticker,
            at=at,
            status="active",
            yes_bid=bid,
            yes_ask=bid + 2 * CENT,
            no_bid=98 * CENT - bid,
            no_ask=100 * CENT - bid,
            last=bid + CENT,
            settlement_value=None,
        )

    def _report(self, at: datetime) -> Report:
        rows = {
            ticker: ReportedPosition(
                ticker=ticker,
                position=market.position.contracts,
                exposure=market.position.cost,
                realised=market.position.realised,
                fees=market.position.fees,
                total_traded=market.position.total_traded,
                updated_at=at,
            )
            for ticker, market in self._book.markets.items()
        }
        cash = sum(market.position.cash for market in self._book.markets.values())
        return Report(at=at, positions=rows, cash=cash, portfolio_value=0, in_motion=False, backfilled=True)
