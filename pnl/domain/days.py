"""Company days as they are known: what their records add up to, between the open positions at both ends.

Where one day ends and the next begins, the open positions are worth what the last snapshot before
midnight said; where none was near, what the first one after it said. What became known later of the
trading before that instant corrects the markets that it touches and no others, at the prices of that
instant. Both days use the same figure, so that days add up.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal, Protocol

from pnl.domain.book import Book, MarketBook
from pnl.domain.company_day import Calendar
from pnl.domain.finality import Finality, of_lines
from pnl.domain.ledger import Ledger
from pnl.domain.money import Nano
from pnl.domain.records import Mark
from pnl.domain.snapshot import SourceState
from pnl.domain.statement import Statement, Trading, statement
from pnl.domain.valuation import row

NEAR_SECONDS = 60
_JUST_AFTER = timedelta(microseconds=1)
Rule = Literal["bid", "mid"]


class Shown(Protocol):
    """A kept snapshot, as far as a boundary needs it; `pnl.ports.SnapshotRow` is one."""

    @property
    def seq(self) -> int:
        """Its sequence."""
        ...

    @property
    def as_of(self) -> datetime:
        """Its instant."""
        ...

    @property
    def known(self) -> int:
        """The number of the last record that it knows."""
        ...

    @property
    def unrealised_total(self) -> Nano | None:
        """The unrealised result of all open positions."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Boundary:
    """The unrealised result of all open positions where one company day ends and the next begins.

    Attributes:
        seq: The snapshot that it is taken from.
        as_of: Its instant, which is that of the prices, too.
        known: The number of the last record that the snapshot knew.
        until: What was executed before this instant counts.
        shown: What the snapshot said, in nano-dollars.
        estimated: Whether the snapshot is the first after midnight, since none was near before it.
        corrected: What became known later changes it by, in nano-dollars.
    """

    seq: int
    as_of: datetime
    known: int
    until: datetime
    shown: Nano
    estimated: bool
    corrected: Nano = 0

    @property
    def unrealised(self) -> Nano:
        """The unrealised result as it is known."""
        return self.shown + self.corrected


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownDay:
    """The statement of one company day, from `start` to `end`, as known; today's goes up to the newest snapshot.

    `finality` is that of the worst line, `standing` that of each; None of a line that is not known.
    `opening` and `closing` are None where they are not known; today has no `closing` yet. `fills` and
    `settlements` are how many there were.
    """

    day: date
    start: datetime
    end: datetime
    statement: Statement
    finality: Finality
    standing: Mapping[str, Finality | None]
    flags: tuple[str, ...]
    fills: int
    settlements: int
    opening: Boundary | None
    closing: Boundary | None

    @property
    def lines(self) -> Mapping[str, Nano | None]:
        """The amounts of its lines, signed; None where not known."""
        return self.statement.lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """What is known besides the ledger: whether trading and revenue are read in, and how the sources are doing."""

    trading: bool
    revenue: bool
    sources: Mapping[str, SourceState]


def boundary(start: datetime, before: Shown | None, after: Shown | None, interval_seconds: float) -> Boundary | None:
    """Return the boundary at the start of a company day, as it was shown; None where it is not known yet.

    Args:
        start: The day's first instant.
        before: The newest snapshot at or before it whose unrealised result is known.
        after: The oldest one after it.
        interval_seconds: The pace of ticks. Three of them, or a minute, are near.
    """
    near = before and (start - before.as_of).total_seconds() <= max(NEAR_SECONDS, 3 * interval_seconds)
    found = before if near else after
    if found is None or found.unrealised_total is None:
        return None
    return Boundary(
        seq=found.seq,
        as_of=found.as_of,
        known=found.known,
        until=start if near else found.as_of + _JUST_AFTER,
        shown=found.unrealised_total,
        estimated=not near,
    )


def last_shown(row_: Shown) -> Boundary | None:
    """Return the boundary at a snapshot itself, which is all that is known of a day's end so far."""
    found = boundary(row_.as_of, row_, None, 0)
    return replace(found, until=row_.as_of + _JUST_AFTER) if found else None


def held_until(calendar: Calendar, market: MarketBook, until: datetime) -> MarketBook | None:
    """Return a market as what was executed before `until` left it; None where nothing was."""
    settled = market.settlement
    if market.fills and market.fills[-1].at < until and (settled is None or settled.at < until):
        return market
    book = Book(calendar)
    fills = [fill for fill in market.fills if fill.at < until]
    book.add(fills, [settled] if settled and settled.at < until else [])
    return book.markets.get(market.ticker)


def worth(market: MarketBook | None, mark: Mark | None, rule: Rule) -> Nano:
    """Return the unrealised result of a market at a mark: nothing where none is held, or there was no price yet."""
    if market is None or market.settlement is not None:
        return 0
    return row(market, mark, {}, rule).unrealised or 0


def known_day(
    ledger: Ledger, day: date, opening: Boundary | None, closing: Boundary | None, knowledge: Knowledge
) -> KnownDay:
    """Return the statement of a company day, as known; of one without a snapshot, both ends are None."""
    start, end = ledger.calendar.bounds(day)
    sums, entries, cost = ledger.book.day(day), ledger.revenue.totals(day), ledger.api_cost(day)
    found = statement(
        trading=Trading(
            realised=sums.realised,
            fees=sums.fees,
            unrealised=closing.unrealised if closing else None,
            opening=opening.unrealised if opening else None,
            other_income=ledger.cash.other_income(day),
        )
        if knowledge.trading
        else None,
        api_cost=cost.amount,
        revenue=entries if knowledge.revenue else None,
        operating_cost=entries["operating_cost"],
    )
    fills, settlements = ledger.book.counted(day)
    estimated = {
        "opening_estimated": bool(opening and opening.estimated),
        "closing_estimated": bool(closing and closing.estimated),
    }
    own = [name for name, holds in estimated.items() if holds]
    spending = "final" if knowledge.sources["anthropic"].status == "off" else cost.finality
    revenue = knowledge.sources["revenue"]
    reported = revenue.status == "off" or (revenue.complete_through is not None and revenue.complete_through >= day)
    return KnownDay(
        day=day,
        start=start,
        end=end,
        statement=found,
        finality=spending if reported and not own else "estimated",
        standing=of_lines(
            found.lines,
            revenue="final" if reported else "estimated",
            spending=spending,
            trading="final",
            unrealised="estimated" if own else "final",
        ),
        flags=(*own, *ledger.flags(day)),
        fills=fills,
        settlements=settlements,
        opening=opening,
        closing=closing,
    )
