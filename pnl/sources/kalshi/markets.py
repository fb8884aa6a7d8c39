"""Quotes and names of markets. Without them a reading still counts: the last marks stay."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from pnl.domain.records import Mark, Market
from pnl.errors import SourceError, SourceGarbled, SourceRefused
from pnl.sources.kalshi.api import KalshiApi, at_once
from pnl.sources.kalshi.fields import Row, instant, rows, text
from pnl.sources.kalshi.parse import mark
from pnl.sources.reading import reading

BATCH = 100
"""Tickers a call: keeps the URL below 4 kB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Event:
    title: str
    mutually_exclusive: bool


class Markets:
    """Looks markets up. Remembers, while the process lives, the events and the markets that it has named."""

    def __init__(self, api: KalshiApi) -> None:
        self._api = api
        self._events: dict[str, _Event | None] = {}
        self.named: set[str] = set()

    async def rows(self, tickers: Sequence[str], notes: dict[str, str]) -> dict[str, Row] | None:
        """Return the rows of those markets that Kalshi knows; None, with a note, when it could not be asked.

        Markets that settled long ago are found in the historical tier.

        Raises:
            SourceRefused: The key may not do this.
        """
        try:
            found = await self._batches("/markets", tickers)
        except SourceRefused:
            raise
        except SourceError as error:
            notes["marks"] = f"no new marks: {error}"
            return None
        gone = [ticker for ticker in tickers if ticker not in found]
        for batch in _in_batches(gone):
            answer = await self._api.get_optional("/historical/markets", _params(batch), notes, "historical_markets")
            try:
                found.update(_by_ticker(answer or {"markets": None}, batch))
            except SourceGarbled as error:
                notes["historical_markets"] = str(error)
        return found

    async def learn_events(self, found: Iterable[Row], notes: dict[str, str]) -> None:
        """Look up the events of these markets that are not known yet.

        Raises:
            SourceRefused: The key may not do this.
        """
        wanted = {str(row["event_ticker"]): None for row in found if row.get("event_ticker")}
        for batch in _in_batches([ticker for ticker in wanted if ticker not in self._events]):
            params = [("tickers", ",".join(batch)), ("limit", "200")]
            answer = await self._api.get_optional("/events", params, notes, "events")
            if answer is None:
                if notes["events"] == "not offered here":
                    self._events.update(dict.fromkeys(batch))
                return
            try:
                with reading("kalshi", "events page"):
                    self._events.update(dict.fromkeys(batch))
                    for row in rows(answer, "events"):
                        exclusive = row.get("mutually_exclusive") is True
                        self._events[text(row, "event_ticker")] = _Event(
                            title=str(row.get("title") or ""), mutually_exclusive=exclusive
                        )
            except SourceGarbled as error:
                notes["events"] = str(error)

    def read(
        self, found: dict[str, Row], at: datetime, notes: dict[str, str]
    ) -> tuple[tuple[Mark, ...], tuple[Market, ...]]:
        """Return the marks and the markets of rows; a row that cannot be read is left out, with a note."""
        marks, markets, refused = [], [], []
        for ticker, row in found.items():
            try:
                marks.append(mark(row, at))
                markets.append(self._market(row))
            except SourceGarbled as error:
                refused.append(str(error))
            self.named.add(ticker)
        if refused:
            notes["marks"] = f"{len(refused)} markets could not be read: {refused[0]}"
        return tuple(marks), tuple(markets)

    def _market(self, row: Row) -> Market:
        with reading("kalshi", f"market {row.get('ticker')}"):
            ticker = text(row, "ticker")
            event_ticker = str(row.get("event_ticker") or "")
            event = self._events.get(event_ticker)
            own = str(row.get("yes_sub_title") or "")
            if event is not None and event.title and own:
                title = f"{event.title.rstrip('?')}: {own}"
            else:
                title = str(row.get("title") or own or ticker)
            return Market(
                ticker=ticker,
                event_ticker=event_ticker,
                title=title,
                close_time=None if row.get("close_time") is None else instant(row, "close_time"),
                mutually_exclusive=event is not None and event.mutually_exclusive,
            )

    async def _batches(self, path: str, tickers: Sequence[str]) -> dict[str, Row]:
        async with at_once() as group:
            asked = [(batch, group.create_task(self._api.get(path, _params(batch)))) for batch in _in_batches(tickers)]
        found: dict[str, Row] = {}
        for batch, task in asked:
            found.update(_by_ticker(task.result(), batch))
        return found


def _params(batch: Sequence[str]) -> list[tuple[str, str]]:
    return [("tickers", ",".join(batch)), ("limit", "1000")]


def _by_ticker(answer: Row, asked: Sequence[str]) -> dict[str, Row]:
    with reading("kalshi", "markets page"):
        return {row["ticker"]: row for row in rows(answer, "markets") if row["ticker"] in asked}


def _in_batches(tickers: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(tickers), BATCH):
        yield tickers[start : start + BATCH]
