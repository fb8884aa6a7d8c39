"""The net of some days by source, market, series, model, workspace or customer; the rows add up to it exactly."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeAlias

from pnl.domain.cost_stretch import Stretch
from pnl.domain.explain.figures import TEXTS
from pnl.domain.explain.holdings import Holding
from pnl.domain.explain.portion import OF_ACCOUNT, REVENUE, SOURCES, Dimension
from pnl.domain.explain.spending import estimate_of, rows_of
from pnl.domain.ledger import Ledger
from pnl.domain.money import Nano
from pnl.domain.records import Fill
from pnl.domain.snapshot import LINES


@dataclass(slots=True)
class Row:
    """What one market, model, customer … brings; `key` is None for what belongs to none of them.

    `lines` are signed nano-dollars by line. `count` is how many different records it is made of: fills and
    settlements, rows of cost, entries. It is None where there is no key.
    """

    key: str | None
    title: str
    lines: dict[str, Nano] = field(default_factory=dict)
    count: int | None = 0

    @property
    def amount(self) -> Nano:
        """The sum of its lines."""
        return sum(self.lines.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Some days in a row.

    Attributes:
        days: Each day with its lines, None where not known; oldest first.
        opening: The open positions before the first day.
        closing: The open positions after the last, or now.
    """

    days: Sequence[tuple[date, Mapping[str, Nano | None]]]
    opening: Sequence[Holding] = ()
    closing: Sequence[Holding] = ()


_Spent: TypeAlias = dict[str | None, tuple[Nano, frozenset[str]]]
"""What some cost rows come to by model or workspace, above zero, and their ids."""


class Breakdowns:
    """Breaks periods down; remembers how the cost of a day falls on models and workspaces, since that is slow."""

    def __init__(self) -> None:
        self._spent: dict[tuple[Dimension, date], tuple[list[Stretch], _Spent]] = {}

    def rows(self, by: Dimension, ledger: Ledger, period: Period) -> list[Row]:
        """Return the rows of a period, largest first; together they are its net.

        What a line has beyond its parts, and lines to which `by` does not apply, are rows without a
        key, one a line.
        """
        found = _Rows()
        match by:
            case "market" | "series":
                _by_market(found, by, ledger, period)
            case "model" | "workspace":
                self._by_spending(found, by, ledger, period)
            case "customer":
                _by_customer(found, ledger, period)
            case "source":
                _by_source(found, ledger, period)
        return found.told(period)

    def _by_spending(self, found: "_Rows", by: Dimension, ledger: Ledger, period: Period) -> None:
        for day, lines in period.days:
            if lines["api_cost"] is None:
                continue
            stretches = ledger.costs.stretches(*ledger.calendar.bounds(day))
            known = self._spent.get((by, day))
            if known is None or not _same(known[0], stretches):
                known = self._spent[by, day] = (stretches, _spent(by, stretches))
            for name, (amount, ids) in known[1].items():
                if name is not None:
                    found.add(name, name, "api_cost", -amount)
                    found.made_of(name, ids)


class _Rows:
    """Rows that grow."""

    def __init__(self) -> None:
        self._rows: dict[str, Row] = {}
        self._counts: dict[str, int] = defaultdict(int)
        self._ids: dict[str, set[str]] = defaultdict(set)

    def add(self, key: str, title: str, line: str, amount: Nano, count: int = 0) -> None:
        """Add to a row's line; `count` records that no other day or line has."""
        row = self._rows.get(key)
        if row is None:
            row = self._rows[key] = Row(key, title)
        row.lines[line] = row.lines.get(line, 0) + amount
        self._counts[key] += count

    def made_of(self, key: str, ids: Iterable[str]) -> None:
        """Note records that other days may have as well: each counts once."""
        self._ids[key].update(ids)

    def told(self, period: Period) -> list[Row]:
        """Return all rows, with one more for each line that they do not add up to."""
        for key, row in self._rows.items():
            row.count = self._counts[key] + len(self._ids[key])
        rows = [row for row in self._rows.values() if row.count or row.amount or any(row.lines.values())]
        for line in LINES:
            whole = sum(lines.get(line) or 0 for _, lines in period.days)
            rest = whole - sum(row.lines.get(line, 0) for row in rows)
            if rest:
                rows.append(Row(None, TEXTS[line][0], {line: rest}, None))
        return sorted(rows, key=lambda row: (-abs(row.amount), row.key is None, row.key or row.title))


def _by_market(found: _Rows, by: Dimension, ledger: Ledger, period: Period) -> None:
    if not period.days:
        return
    first, last = period.days[0][0], period.days[-1][0]
    traded = [lines["trading_realised"] is not None for _, lines in period.days]
    start, end = ledger.calendar.bounds(first)[0], ledger.calendar.bounds(last)[1]
    for ticker, market in ledger.book.markets.items() if any(traded) else ():
        realised = fees = 0
        for day, sums in market.days.items():
            if first <= day <= last:
                realised += sums.realised
                fees += sums.fees
        fills = market.fills
        count = 0
        if fills and fills[-1].at >= start and fills[0].at < end:
            count = bisect_left(fills, end, key=_at) - bisect_left(fills, start, key=_at)
        count += market.settlement is not None and start <= market.settlement.at < end
        if realised or fees or count:
            key, title = _named(by, ledger, ticker)
            found.add(key, title, "trading_realised", realised)
            found.add(key, title, "trading_fees", -fees, count)
    if any(lines["trading_unrealised"] is not None for _, lines in period.days):
        for sign, holdings in ((1, period.closing), (-1, period.opening)):
            for one in holdings:
                if one.row.unrealised:
                    key, title = _named(by, ledger, one.row.ticker)
                    found.add(key, title, "trading_unrealised", sign * one.row.unrealised)


def _by_customer(found: _Rows, ledger: Ledger, period: Period) -> None:
    for day, lines in period.days:
        if lines["revenue"] is None:
            continue
        for (_, customer, line), (amount, count) in ledger.revenue.shares(day).items():
            if customer is not None and line in REVENUE:
                found.add(customer, customer, line, amount, count)


def _by_source(found: _Rows, ledger: Ledger, period: Period) -> None:
    for day, lines in period.days:
        for line in (*OF_ACCOUNT, "api_cost"):
            if (amount := lines[line]) is not None:
                source = "anthropic" if line == "api_cost" else "kalshi"
                found.add(source, SOURCES[source], line, amount)
        if lines["trading_realised"] is not None:
            found.add("kalshi", SOURCES["kalshi"], "trading_realised", 0, sum(ledger.book.counted(day)))
        if lines["api_cost"] is not None:
            stretches = ledger.costs.stretches(*ledger.calendar.bounds(day))
            found.made_of("anthropic", (row.id for one in stretches for row, _ in rows_of(one)[0]))
        for (source, _, line), (amount, count) in ledger.revenue.shares(day).items():
            if lines[line] is not None:
                found.add(source, SOURCES.get(source, source), line, amount, count)
        for source, entry, _ in ledger.revenue.recurring(day):
            found.made_of(source, (entry.id,))


def _named(by: Dimension, ledger: Ledger, ticker: str) -> tuple[str, str]:
    if by == "series":
        series = ticker.partition("-")[0]
        return series, series
    about = ledger.quoted(ticker)[1]
    return ticker, about.title if about else ticker


def _spent(by: Dimension, stretches: Iterable[Stretch]) -> _Spent:
    """Return what stretches cost by model or workspace, above zero, and by which rows."""
    amounts: dict[str | None, Nano] = defaultdict(int)
    ids: dict[str | None, set[str]] = defaultdict(set)
    for stretch in stretches:
        for row, part in rows_of(stretch)[0]:
            name = row.model if by == "model" else row.workspace_id
            amounts[name] += part
            ids[name].add(row.id)
        for model, _, part in estimate_of(stretch)[0] if by == "model" else ():
            amounts[model] += part
    return {name: (amount, frozenset(ids[name])) for name, amount in amounts.items()}


def _same(old: Sequence[Stretch], new: Sequence[Stretch]) -> bool:
    return len(old) == len(new) and all(one is other for one, other in zip(old, new, strict=True))


def _at(fill: Fill) -> datetime:
    return fill.at
