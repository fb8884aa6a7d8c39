"""What one market, model, customer … brings to the days of a range: a row of a breakdown, down to its records."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Literal, TypeAlias, get_args

from pnl.domain.explain import entries, spending, trading
from pnl.domain.explain.figures import SUMS, TEXTS
from pnl.domain.explain.holdings import Valuation
from pnl.domain.explain.nodes import Node, by_size, made, total
from pnl.domain.explain.statement import Day, by_day, line, unknown
from pnl.domain.ledger import Ledger
from pnl.domain.money import Nano
from pnl.domain.snapshot import LINES

Dimension: TypeAlias = Literal["source", "market", "series", "model", "workspace", "customer"]
DIMENSIONS: Final[tuple[Dimension, ...]] = get_args(Dimension)

REVENUE: Final = ("revenue", "refunds", "processor_fees", "adjustments")
OF_ACCOUNT: Final = ("trading_realised", "trading_unrealised", "trading_fees", "other_income")
SOURCES: Final[Mapping[str, str]] = {
    "kalshi": "Kalshi",
    "anthropic": "Anthropic",
    "manual": "Entered by hand",
    "revenue.feed": "Revenue feed",
    "revenue.csv": "Revenue file",
    "revenue.stripe": "Stripe",
}
"""What sources are called."""
NOTHING_OF_IT: Final = "no record of it brings anything to this, or what they bring cancels out"


@dataclass(frozen=True, slots=True)
class Share:
    """One row of a breakdown: what it is broken down by, and the row's key."""

    by: Dimension
    key: str

    def of_market(self, ticker: str) -> bool:
        """Tell whether a market belongs to the row; a series is the part of a ticker before its first dash."""
        return self.key == (ticker.partition("-")[0] if self.by == "series" else ticker)


def portion(name: str, share: Share, days: Sequence[Day]) -> Node | None:
    """Return what a row of a breakdown brings to a daily figure of some days; None where there is nothing of it.

    Args:
        name: A line, or a sum of lines.
        share: The row.
        days: The days, oldest first.
    """
    names = SUMS.get(name, (name,))
    found = [node for one in names if (node := _line(one, share, days))]
    if not found:
        return None
    title = f"{TEXTS[name][0]} · {_title(share, days)}"
    return replace(found[0], key=name, title=title) if name in LINES else total(name, title, found)


def nothing(name: str, share: Share, days: Sequence[Day]) -> Node:
    """Return the zero that a row of a breakdown brings where no record of it counts, or all cancel out.

    Its amount is None where the line itself is not known on any of the days.
    """
    title = f"{TEXTS[name][0]} · {_title(share, days)}"
    if name in LINES and all(day.lines[name] is None for day in days):
        return Node(key=name, title=title, amount=None, rule="sum", note=unknown(name, days[-1]))
    return Node(key=name, title=title, amount=0, rule="sum", note=NOTHING_OF_IT)


def _line(name: str, share: Share, days: Sequence[Day]) -> Node | None:
    ways: dict[Dimension, Callable[[str, Share, Sequence[Day]], Node | None]] = {
        "market": _of_markets,
        "series": _of_markets,
        "model": _of_spending,
        "workspace": _of_spending,
        "customer": _of_entries,
        "source": _of_source,
    }
    return ways[share.by](name, share, days)


def _of_markets(name: str, share: Share, days: Sequence[Day]) -> Node | None:
    if name == "trading_unrealised":
        return _held(share, days)
    tell = {"trading_realised": trading.realised, "trading_fees": trading.fees}.get(name)
    if tell is None:
        return None
    return _over(name, days, lambda ledger, day: [one for one in tell(ledger, day) if share.of_market(one.key)])


def _held(share: Share, days: Sequence[Day]) -> Node | None:
    """Return how the open positions of the row changed: between the days the end of one is the opening of the next."""
    if all(day.lines["trading_unrealised"] is None for day in days):
        return None
    opening, closing = (_only(one, share) for one in (days[0].opening(), days[-1].closing()))
    if not opening.holdings() and not closing.holdings():
        return None
    return trading.unrealised(days[0].calendar, opening, closing)


def _only(whole: Valuation, share: Share) -> Valuation:
    held = [one for one in whole.holdings() if share.of_market(one.row.ticker)]
    amount = sum(one.row.unrealised or 0 for one in held)
    return Valuation(
        at=whole.at, unrealised=amount, holdings=lambda: held, estimated=whole.estimated, thinned=whole.thinned
    )


def _of_spending(name: str, share: Share, days: Sequence[Day]) -> Node | None:
    if name != "api_cost":
        return None
    of_model = share.by == "model"

    def stretches(ledger: Ledger, day: date) -> list[Node]:
        return spending.of_model(ledger, day, share.key) if of_model else spending.of_workspace(ledger, day, share.key)

    return _over(name, days, stretches)


def _of_entries(name: str, share: Share, days: Sequence[Day]) -> Node | None:
    if name not in REVENUE:
        return None

    def of_customer(ledger: Ledger, day: date) -> list[Node]:
        found = [one for one in entries.line(ledger, day, name) if one.key == share.key and not one.group]
        return [leaf for one in found for leaf in one.children()]

    return _over(name, days, of_customer, known="revenue")


def _of_source(name: str, share: Share, days: Sequence[Day]) -> Node | None:
    if (share.key, name) in {("anthropic", "api_cost"), *(("kalshi", one) for one in OF_ACCOUNT)}:
        if all(day.lines[name] is None for day in days):
            return None
        amounts = [(day.day, day.lines[name], lambda day=day: line(name, day)) for day in days]
        return by_day(name, TEXTS[name][0], amounts)
    if name in OF_ACCOUNT or name == "api_cost":
        return None
    return _over(name, days, lambda ledger, day: entries.of_source(ledger, day, name, share.key))


def _over(
    name: str, days: Sequence[Day], tell: Callable[[Ledger, date], Iterable[Node]], *, known: str = ""
) -> Node | None:
    """Return a line as the sum of the days on which there is something; a day as the sum of what `tell` gives."""
    found: list[tuple[date, Nano | None, Callable[[], Node]]] = []
    for one in days:
        if one.lines[known or name] is None:
            continue
        children = by_size(tell(one.know(), one.day))
        if children:
            day = one.day.isoformat()
            node = Node(key=day, title=day, amount=made("sum", children), rule="sum", parts=children)
            found.append((one.day, node.amount, lambda node=node: node))  # type: ignore[misc]
    return by_day(name, TEXTS[name][0], found) if found else None


def _title(share: Share, days: Sequence[Day]) -> str:
    if share.by == "source":
        return SOURCES.get(share.key, share.key)
    about = days[0].know().quoted(share.key)[1] if share.by == "market" else None
    return about.title if about else share.key
