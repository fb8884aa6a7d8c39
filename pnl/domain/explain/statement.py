"""The lines of a company day and what is made of them: the roots of most explanations."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from pnl.domain.company_day import Calendar
from pnl.domain.explain import entries, spending, trading
from pnl.domain.explain.figures import SUMS, TEXTS
from pnl.domain.explain.holdings import Valuation
from pnl.domain.explain.nodes import WIDE, Node, difference
from pnl.domain.explain.steps import checked
from pnl.domain.ledger import Ledger
from pnl.domain.money import Nano
from pnl.domain.snapshot import LINES
from pnl.domain.statement import of_lines

UNKNOWN = "not known: its source has not answered"
NOTHING = "not known: no source has answered"
NO_PRICE = "not known: no price was kept of the positions that were open as the day began, or as it ended"
REPLACED = "shown from readings that are not kept: earlier versions let go of those that were replaced"
NOT_TOLD = "shown so, and not told by the records that were known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A company day to be explained.

    Attributes:
        know: Gives the ledger that it is explained from, once that is needed.
        calendar: The company's days.
        day: The day.
        lines: The amounts that are explained, as shown or as known now; None where not known.
        opening: Gives the open positions at the day's start.
        closing: Gives the open positions at its end, or at the instant that is explained.
    """

    know: Callable[[], Ledger]
    calendar: Calendar
    day: date
    lines: Mapping[str, Nano | None]
    opening: Callable[[], Valuation]
    closing: Callable[[], Valuation]


def of_day(name: str, day: Day) -> Node:
    """Return a daily figure of one day: a line, a sum of lines, or `net_realised`."""
    if name in LINES:
        return line(name, day)
    title, amount = TEXTS[name][0], _amount(name, day)
    if amount is None and name in ("net", "net_realised"):
        return Node(key=name, title=title, amount=None, rule="sum", note=NOTHING)
    if name in SUMS:
        names = SUMS[name]
        return Node(key=name, title=title, amount=amount, rule="sum", parts=lambda: [line(one, day) for one in names])
    if amount is None or day.lines["trading_unrealised"] is None:
        return Node(key=name, title=title, amount=amount, rule="sum", parts=lambda: [of_day("net", day)])
    return Node(
        key=name,
        title=title,
        amount=amount,
        rule="difference",
        parts=lambda: [of_day("net", day), line("trading_unrealised", day)],
    )


def over_days(name: str, days: Sequence[Day]) -> Node:
    """Return a daily figure of several days, by day; by month where they are many."""
    title = TEXTS[name][0]
    amounts = [(day.day, _amount(name, day), lambda day=day: of_day(name, day)) for day in days]
    return by_day(name, title, amounts)


def growth(name: str, first: Day, lasts: Sequence[Day]) -> Node:
    """Return by how much a daily figure grew from a snapshot of the first of some days to the last of each of them."""
    title, parts = TEXTS[name][0], []
    for key, when, node in (
        ("end", "at the end", of_day(name, lasts[0]) if len(lasts) == 1 else over_days(name, lasts)),
        ("begin", "at the beginning", of_day(name, first)),
    ):
        parts.append(replace(node, key=key, title=f"{title}, {when}"))
    return difference(name, title, parts)


def by_day(
    key: str, title: str, days: Sequence[tuple[date, Nano | None, Callable[[], Node]]], *, note: str = ""
) -> Node:
    """Return the sum over days, of which each is worked out when it is opened."""
    known = [amount for _, amount, _ in days if amount is not None]
    amount = sum(known) if known or not days else None
    parts: Callable[[], list[Node]] = lambda: _days(days)  # noqa: E731 - one of two
    if len(days) > WIDE:
        parts = lambda: _months(days)  # noqa: E731 - one of two
    return Node(key=key, title=title, amount=amount, rule="sum", parts=parts, note=note)


def line(name: str, day: Day) -> Node:
    """Return a line of a day; what its records do not give is a child of its own."""
    title, amount = TEXTS[name][0], day.lines[name]
    if amount is None:
        return Node(key=name, title=title, amount=None, rule="sum", note=unknown(name, day))
    if name == "trading_unrealised":
        return _unrealised(day, amount)
    why = REPLACED if name == "api_cost" else NOT_TOLD
    return Node(
        key=name,
        title=title,
        amount=amount,
        rule="sum",
        parts=lambda: checked(amount, _parts(name, day), why),
    )


def unknown(name: str, day: Day) -> str:
    """Return why a line of a day is not known."""
    if name == "trading_unrealised" and day.lines["trading_realised"] is not None:
        return NO_PRICE
    why = spending.unknown(day.know(), day.day) if name == "api_cost" else ""
    return f"not known: {why}" if why else UNKNOWN


def _parts(name: str, day: Day) -> list[Node]:
    ledger = day.know()
    match name:
        case "trading_realised":
            return trading.realised(ledger, day.day)
        case "trading_fees":
            return trading.fees(ledger, day.day)
        case "other_income":
            return trading.income(ledger, day.day)
        case "api_cost":
            return spending.cost(ledger, day.day)
        case _:
            return entries.line(ledger, day.day, name)


def _unrealised(day: Day, amount: Nano) -> Node:
    node = trading.unrealised(day.calendar, day.opening(), day.closing())
    if node.amount == amount:
        return node
    inner = replace(node, key="positions", title="At the end less at the opening")
    return Node(
        key=node.key,
        title=node.title,
        amount=amount,
        rule="sum",
        parts=checked(amount, [inner] if inner.amount is not None else [], NOT_TOLD),
    )


def _amount(name: str, day: Day) -> Nano | None:
    known = {line: amount for line, amount in day.lines.items() if amount is not None}
    if name in LINES:
        return known.get(name)
    if name in ("net", "net_realised"):
        told = of_lines(day.lines)
        return told.net if name == "net" else told.net_realised
    wanted = [known[line] for line in SUMS[name] if line in known]
    return sum(wanted) if wanted else None


def _days(days: Sequence[tuple[date, Nano | None, Callable[[], Node]]]) -> list[Node]:
    return [_day(day, amount, root) for day, amount, root in reversed(days)]


def _day(day: date, amount: Nano | None, root: Callable[[], Node]) -> Node:
    told = root()
    if told.amount != amount and amount is not None:
        told = replace(told, amount=amount, rule="sum", parts=checked(amount, [told], NOT_TOLD))
    return replace(told, key=day.isoformat(), title=day.isoformat())


def _months(days: Sequence[tuple[date, Nano | None, Callable[[], Node]]]) -> list[Node]:
    months: dict[str, list[tuple[date, Nano | None, Callable[[], Node]]]] = {}
    for one in days:
        months.setdefault(one[0].strftime("%Y-%m"), []).append(one)
    return [replace(by_day(month, month, inside), group=True) for month, inside in reversed(months.items())]
