"""Company days as a beancount journal: what an accountant can check, transaction by transaction.

The postings of each transaction add up to zero exactly. A line that is not known is in no posting; its
day is marked `!`, and the metadata say what is missing. So is a day of which anything may still change:
one that goes on, or is not final.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from pnl.domain.money import Nano, text
from pnl.export.days import Day, money
from pnl.export.days import at as instant

_GROUPS: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...] = (
    (
        "Sales",
        "Assets:Receivables:Customers",
        (
            ("revenue", "Income:Revenue"),
            ("refunds", "Income:Refunds"),
            ("processor_fees", "Expenses:Processor-Fees"),
            ("adjustments", "Income:Adjustments"),
        ),
    ),
    (
        "Trading on Kalshi",
        "Assets:Kalshi",
        (
            ("trading_realised", "Income:Trading:Realised"),
            ("trading_unrealised", "Income:Trading:Unrealised"),
            ("trading_fees", "Expenses:Trading:Fees"),
            ("other_income", "Income:Other"),
        ),
    ),
    ("Anthropic API", "Liabilities:Anthropic", (("api_cost", "Expenses:API:Anthropic"),)),
    ("Operating costs", "Liabilities:Operating", (("operating_cost", "Expenses:Operating"),)),
)
"""Each transaction of a day: what it is, the account that it balances by, and the account of each line."""
ACCOUNTS = tuple(account for _, other, posted in _GROUPS for account in (other, *(name for _, name in posted)))
_BEGINNING = "1970-01-01"


def journal(days: Iterable[Day], at: datetime) -> Iterator[tuple[int, bytes]]:
    """Give a journal in parts, each with how many days it has.

    Args:
        days: The days, as they were known at an instant.
        at: That instant: a day that ends later goes on.
    """
    yield 0, _opening().encode()
    for day in days:
        yield 1, "".join(_transactions(day, at)).encode()


def _opening() -> str:
    lines = ['option "title" "NorthStar P&L"', 'option "operating_currency" "USD"', ""]
    lines += [f"{_BEGINNING} open {account} USD" for account in ACCOUNTS]
    return "\n".join([*lines, ""])


def _transactions(day: Day, at: datetime) -> Iterator[str]:
    whole = day["complete"] and not day["missing"] and day["finality"] == "final" and _over(day, at)
    for what, other, posted in _GROUPS:
        amounts = [(account, money(day["lines"].get(line))) for line, account in posted]
        moved = [(account, amount) for account, amount in amounts if amount]
        if moved:
            yield f'\n{day["day"]} {"*" if whole else "!"} "NorthStar P&L" "{what}"\n'
            yield from _metadata(day)
            for account, amount in moved:
                yield _posting(account, -amount)
            yield _posting(other, sum(amount for _, amount in moved))


def _over(day: Day, at: datetime) -> bool:
    end = instant(day["end"])
    return end is not None and end <= at


def _metadata(day: Day) -> Iterator[str]:
    yield f'  finality: "{day["finality"]}"\n'
    for name in ("missing", "flags"):
        if day[name]:
            yield f'  {name}: "{_plain(" ".join(day[name]))}"\n'


def _posting(account: str, amount: Nano) -> str:
    return f"  {account:<30} {text(amount):>20} USD\n"


def _plain(words: str) -> str:
    """Return text that can stand between quotes."""
    return words.replace("\\", "\\\\").replace('"', '\\"')
