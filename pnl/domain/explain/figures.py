"""The figures that can be explained: their names, what they are called, and one sentence of what each is."""

from dataclasses import dataclass
from typing import Final

from pnl.domain.snapshot import LINES

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "revenue": ("Revenue", "Sales and day totals of the business date, as the sources of revenue report them."),
    "refunds": ("Refunds", "Refunds and disputes, each on its own date, below zero."),
    "processor_fees": ("Processor fees", "What payment processors kept, below zero."),
    "adjustments": ("Adjustments", "Adjustments, and entries of a kind that is not known."),
    "api_cost": (
        "API cost",
        "Anthropic's reported cost, and usage since its last report at effective rates, by the hours of the day.",
    ),
    "operating_cost": ("Other costs", "Costs entered by hand; a recurring one posts its share of each day."),
    "trading_realised": (
        "Realised",
        "What closes and settlements gained at average cost, before fees, at the time of the fill or settlement.",
    ),
    "trading_unrealised": (
        "Unrealised",
        "The unrealised result of the open positions at the end, less that at the day's opening.",
    ),
    "trading_fees": ("Trading fees", "The fee of each fill, below zero."),
    "other_income": (
        "Other income",
        "Cash that came into the Kalshi account and that no record explains: interest, incentives, credits.",
    ),
    "net": ("Net P&L", "The sum of the lines that are known."),
    "net_realised": ("Net realised", "The net without the change of the unrealised result."),
    "revenue_total": ("Revenue", "Revenue with refunds, processor fees and adjustments."),
    "trading_total": ("Trading", "Realised and unrealised results, before fees."),
    "other_total": ("Other", "Other income, and other costs."),
    "cumulative_net": ("Cumulative net", "The net of every company day so far, each as it was shown last."),
    "unrealised_total": ("Unrealised, open positions", "What the open positions are worth, less what they cost."),
    "cash": ("Cash", "Kalshi's balance: what it was at first, and every movement since."),
    "positions_value": ("Positions", "Contracts held, each at the price at which it could be sold."),
    "exposure": ("Exposure", "What the contracts that are held cost at average cost, without fees."),
    "equity": ("Equity", "Cash, and the value of the open positions."),
}
"""(title, sentence) by name, but for those of positions."""

FIELDS: Final[dict[str, tuple[str, str]]] = {
    "position": ("Contracts", "Contracts bought of YES less those of NO; settled ones are gone."),
    "average_price": ("Average price", "What a contract that is held cost on average."),
    "mark": ("Mark", "The price at which a contract that is held could be sold."),
    "last_price": ("Last price", "The price of the last trade, for the side that is held."),
    "value": ("Value", "Contracts held at the mark."),
    "exposure": ("Exposure", "What the contracts that are held cost, by what each fill did to it, without fees."),
    "unrealised": ("Unrealised", "The value less the exposure."),
    "realised": ("Realised", "What closes and the settlement gained over the market's life, before fees."),
    "fees": ("Fees", "The fees of the market's fills."),
    "total_traded": ("Total traded", "Everything that was paid for contracts of either side."),
    "best_case": ("Best case", "The payout if the held side wins, less the exposure."),
    "worst_case": ("Worst case", "The payout if the held side loses, less the exposure."),
    "expected": ("Expected", "The payout with the middle of bid and ask as probability, less the exposure."),
}
"""(title, sentence) of the fields of a position's row."""

TOTALS: Final = tuple(name for name in FIELDS if name not in ("position", "average_price", "mark", "last_price"))
"""The fields of the row of totals: those that add up over markets."""

OUTCOMES: Final[dict[str, tuple[str, str]]] = {
    "best_case": ("Best case at settlement", "What the open positions bring if every event ends best for us."),
    "worst_case": ("Worst case at settlement", "What the open positions bring if every event ends worst for us."),
    "expected": ("Expected at settlement", "What the open positions bring, the middle of bid and ask as probability."),
}
"""(title, sentence) of what positions bring once they settle, of all events and of each."""

RANGED: Final[dict[str, tuple[str, str]]] = {
    "profitable_days": ("Profitable days", "The company days of the range that ended above zero."),
    "max_drawdown": (
        "Max drawdown",
        "The largest fall of the net over the range from its highest so far, as it was shown: corrections are no fall.",
    ),
    "highest_net": ("Highest net", "The most that the net came to since the range began."),
    "lowest_net": ("Lowest net", "The least that the net came to since the range began."),
}
"""(title, sentence) of what the course of the net over a range tells."""

CHECK_SIDES: Final[dict[str, tuple[str, str]]] = {
    "expected": ("What we expect", "What our own fold makes of the records, held against what the source says."),
    "actual": ("What the source says", "What the source says, held against our own records."),
}
"""(title, sentence) of the sides of a check."""

SUMS: Final[dict[str, tuple[str, ...]]] = {
    "net": LINES,
    "revenue_total": ("revenue", "refunds", "processor_fees", "adjustments"),
    "trading_total": ("trading_realised", "trading_unrealised"),
    "other_total": ("other_income", "operating_cost"),
}
"""The lines that a sum of lines is of."""

DAILY: Final = (*LINES, *SUMS, "net_realised")
"""The figures that a day, or several, have; the others belong to an instant."""

NAMES: Final = (
    *TEXTS,
    *RANGED,
    *(f"positions.{field}" for field in TOTALS),
    *(f"outcome.{case}" for case in OUTCOMES),
    "position.<TICKER>.<FIELD>",
    "event.<EVENT>.<CASE>",
    "check.<NAME>.<SIDE>.<SCOPE>",
)
"""What a caller may name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure by its name; `ticker` and `field` where it is of a position, or of the totals of all.

    `check` and `side` are set where it is a side of a reconciliation check, and `scope` is what that is of.
    `case` is set where it is what positions bring once they settle, and `event` where those of one event.
    """

    name: str
    title: str
    text: str
    field: str = ""
    ticker: str = ""
    case: str = ""
    event: str = ""
    check: str = ""
    side: str = ""
    scope: str = ""

    @property
    def daily(self) -> bool:
        """True for a figure of days."""
        return self.name in DAILY

    @property
    def ranged(self) -> bool:
        """True for a figure of the course over a range."""
        return self.name in RANGED


_COUNTED = (
    "Gross of fees, less what the contracts cost; of a mutually exclusive event one market at most resolves YES, "
    "and that none of ours does is one of its outcomes."
)


def figure(name: str) -> Figure | None:
    """Return the figure of a name; None where there is none. Whether the market exists is not looked at."""
    if name in TEXTS or name in RANGED:
        title, told = TEXTS[name] if name in TEXTS else RANGED[name]
        return Figure(name=name, title=title, text=told)
    head, _, rest = name.partition(".")
    if head in ("positions", "outcome"):
        return _of_all(name, head, rest)
    if head == "check":
        return _of_check(name, rest)
    ticker, _, field = rest.rpartition(".")
    if head == "event" and ticker and field in OUTCOMES:
        title, told = OUTCOMES[field][0], _COUNTED
        return Figure(name=name, title=f"{title}, {ticker}", text=told, case=field, event=ticker)
    if head == "position" and ticker and field in FIELDS:
        title, told = FIELDS[field]
        return Figure(name=name, title=title, text=told, field=field, ticker=ticker)
    return None


def _of_all(name: str, head: str, rest: str) -> Figure | None:
    """Return a figure of all open positions."""
    if head == "positions" and rest in TOTALS:
        title, told = FIELDS[rest]
        return Figure(name=name, title=f"{title}, open positions", text=f"Of all open positions. {told}", field=rest)
    if head == "outcome" and rest in OUTCOMES:
        title, told = OUTCOMES[rest]
        return Figure(name=name, title=title, text=f"{told} {_COUNTED}", case=rest)
    return None


def _of_check(name: str, rest: str) -> Figure | None:
    """Return a side of a check, by the check's name, the side, and what it is of."""
    check, _, more = rest.partition(".")
    side, _, scope = more.partition(".")
    if not check or not scope or side not in CHECK_SIDES:
        return None
    title, told = CHECK_SIDES[side]
    return Figure(name=name, title=title, text=told, check=check, side=side, scope=scope)
