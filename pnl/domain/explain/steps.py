"""What each fill, and the settlement, of a market did to its position: the leaves of everything about trading."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pnl.domain.book import MarketBook
from pnl.domain.company_day import Calendar
from pnl.domain.explain.nodes import Leaf, Node, Unit, by_time, made, of_record
from pnl.domain.money import DOLLAR, count_text, text
from pnl.domain.positions import FLAT, Position, apply
from pnl.domain.records import Fill, Settlement

KALSHI = "kalshi"


@dataclass(frozen=True, slots=True)
class Step:
    """One fill or settlement, and the position before and after it; a fill's is that of its subaccount."""

    fact: Fill | Settlement
    before: Position
    after: Position

    def leaf(self) -> Leaf:
        """Return the record."""
        kind = "fill" if isinstance(self.fact, Fill) else "settlement"
        return Leaf(source=KALSHI, kind=kind, id=self.fact.id, at=self.fact.at, fact=self.fact)  # type: ignore[arg-type] # one of the two

    def title(self) -> str:
        """Return the step in words: `YES 250 at 0.61`."""
        if isinstance(self.fact, Settlement):
            return f"settled {self.fact.result.upper()}, paid {text(self.fact.revenue)}"
        fill = self.fact
        closes = self.before.contracts and (self.before.contracts > 0) != (fill.side == "yes")
        return f"{'closing ' if closes else ''}{fill.side.upper()} {count_text(fill.count)} at {text(fill.price)}"


def steps(market: MarketBook) -> Iterator[Step]:
    """Give the steps of a market in order; what they change adds up to its position."""
    held: dict[int, Position] = {}
    for fill in market.fills:
        before = held.get(fill.subaccount, FLAT)
        after = held[fill.subaccount] = apply(before, fill)
        yield Step(fill, before, after)
    if market.settlement:
        yield Step(market.settlement, market.before, market.position)


def leaves(
    market: MarketBook,
    calendar: Calendar,
    of: Callable[[Position], int],
    *,
    wanted: Callable[[Step], bool] = lambda _: True,
    unit: Unit = "usd",
) -> list[Node]:
    """Return what each record of a market changes `of` its position by, many by day; what changes nothing is left out.

    Args:
        market: The market.
        calendar: The company's days.
        of: What is looked at, such as the cost.
        wanted: Which steps count.
        unit: That of `of`.
    """
    found = [
        of_record(step.leaf(), amount, step.title(), unit=unit, key=_key(step))
        for step in steps(market)
        if wanted(step) and (amount := of(step.after) - of(step.before))
    ]
    return list(by_time(found, calendar))


def of_market(
    market: MarketBook,
    calendar: Calendar,
    title: str,
    of: Callable[[Position], int],
    *,
    key: str = "",
    unit: Unit = "usd",
    note: str = "",
) -> Node:
    """Return what a market's position is `of`, as the sum of what its records did to it."""
    return Node(
        key=key or market.ticker,
        title=title,
        amount=of(market.position),
        rule="sum",
        parts=lambda: leaves(market, calendar, of, unit=unit),
        unit=unit,
        note=note,
    )


def cash_of(step: Step, *, nets: bool) -> int:
    """Return what a fill paid into the account; pairs pay back at once where the account nets."""
    paid = step.before.total_traded + step.before.fees - step.after.total_traded - step.after.fees
    return paid + ((step.after.pairs - step.before.pairs) * (DOLLAR // 100) if nets else 0)


def summed(key: str, title: str, amount: int, parts: Callable[[], list[Node]]) -> Node:
    """Return the sum of children that are worked out later, of which the amount is known."""
    return Node(key=key, title=title, amount=amount, rule="sum", parts=parts)


def checked(amount: int, parts: list[Node], why: str) -> list[Node]:
    """Return children that add up to `amount`: what they lack is one more, that says `why`."""
    lacks = amount - (made("sum", parts) or 0)
    return [*parts, Node(key="~remainder", title=why, amount=lacks, rule="remainder")] if lacks else parts


def _key(step: Step) -> str:
    return step.fact.id if isinstance(step.fact, Fill) else f"settlement-{step.fact.id}"
