"""The questions that the lively world's exchange asks: series, tickers and titles like the real ones."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from random import Random
from typing import TypeAlias

from pnl.sandbox.listing import Event, Series

Question: TypeAlias = tuple[str, str, tuple[tuple[str, str], ...]]
"""Title, sub title, and the markets as (ticker suffix, yes sub title)."""

_NFL = (
    ("KC", "Kansas City", "BUF", "Buffalo"),
    ("PHI", "Philadelphia", "DAL", "Dallas"),
    ("SF", "San Francisco", "SEA", "Seattle"),
    ("DET", "Detroit", "GB", "Green Bay"),
    ("BAL", "Baltimore", "CIN", "Cincinnati"),
    ("NYG", "New York Giants", "WAS", "Washington"),
)
_NBA = (
    ("BOS", "Boston", "NYK", "New York"),
    ("LAL", "Los Angeles Lakers", "DEN", "Denver"),
    ("OKC", "Oklahoma City", "MIN", "Minnesota"),
    ("MIL", "Milwaukee", "CLE", "Cleveland"),
    ("PHX", "Phoenix", "GSW", "Golden State"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A series and how one of its events is asked; `days` is from listing to close."""

    series: Series
    days: int
    ask: Callable[[Random, date], Question]
    mutually_exclusive: bool = False


def code(day: date) -> str:
    """Return a date as tickers print it: `26NOV22`."""
    return f"{day:%y}{day:%b}".upper() + f"{day:%d}"


def words(day: date) -> str:
    """Return a date as titles print it: `Nov 22, 2026`."""
    return f"{day:%b} {day.day}, {day.year}"


def make_event(template: Template, chance: Random, listed: datetime, closes: date) -> tuple[Event, Question]:
    """Return an event of a template that closes on a day, and its question."""
    question = template.ask(chance, closes)
    title, sub_title, _ = question
    return (
        Event(
            ticker=f"{template.series.ticker}-{code(closes)}{_game(question)}",
            series=template.series,
            title=title,
            sub_title=sub_title,
            mutually_exclusive=template.mutually_exclusive,
            created=listed,
        ),
        question,
    )


def _game(question: Question) -> str:
    return question[1].partition("|")[2]


def _above(what: str, low: int, high: int, step: int, unit: str = "") -> Callable[[Random, date], Question]:
    def ask(chance: Random, day: date) -> Question:
        level = chance.randrange(low, high, step)
        shown = f"{unit}{level:,}"
        return (f"{what} above {shown} on {words(day)}?", words(day), ((f"T{level}.99", f"Above {shown}"),))

    return ask


def _bands(what: str, low: int, high: int, width: int, unit: str) -> Callable[[Random, date], Question]:
    def ask(chance: Random, day: date) -> Question:
        first = chance.randrange(low, high, width)
        floors = [first + width * step for step in range(4)]
        markets = tuple(
            (f"B{floor + width // 2}.5", f"{floor:,}{unit} to {floor + width - 1:,}{unit}") for floor in floors
        )
        return (f"{what} on {words(day)}?", words(day), markets)

    return ask


def _tenths(what: str, low: int, high: int) -> Callable[[Random, date], Question]:
    def ask(chance: Random, day: date) -> Question:
        tenths = chance.randrange(low, high)
        level = f"{tenths // 10}.{tenths % 10}"
        return (f"{what} above {level}% in {day:%b %Y}?", f"In {day:%b %Y}", ((f"T{level}", f"Above {level}%"),))

    return ask


def _game_of(sport: str, teams: tuple[tuple[str, str, str, str], ...]) -> Callable[[Random, date], Question]:
    def ask(chance: Random, day: date) -> Question:
        away, away_name, home, home_name = chance.choice(teams)
        return (
            f"{away_name} at {home_name} winner?",
            f"{sport}, {words(day)}|{away}{home}",
            ((home, home_name),),
        )

    return ask


def _fed(chance: Random, day: date) -> Question:
    bounds = chance.choice(("3.00", "3.25", "3.50", "3.75"))
    return (
        f"Upper bound of the federal funds rate above {bounds}% after the {day:%b %Y} meeting?",
        f"{day:%b %Y} meeting",
        ((f"T{bounds}", f"Above {bounds}%"),),
    )


def _plain(ticker: str, title: str, category: str, frequency: str = "daily") -> Series:
    return Series(ticker=ticker, title=title, category=category, frequency=frequency)


TEMPLATES: tuple[Template, ...] = (
    Template(
        series=_plain("KXHIGHNY", "Highest temperature in NYC", "Climate and Weather"),
        days=1,
        ask=_bands("Highest temperature in NYC", 40, 80, 2, "°"),
        mutually_exclusive=True,
    ),
    Template(
        series=_plain("KXINX", "S&P 500 range", "Financials"),
        days=1,
        ask=_bands("S&P 500 close", 6600, 7400, 25, ""),
        mutually_exclusive=True,
    ),
    Template(
        series=_plain("KXBTCD", "Bitcoin price", "Crypto"),
        days=1,
        ask=_above("Bitcoin price", 84_000, 120_000, 250, "$"),
    ),
    Template(
        series=_plain("KXETHD", "Ethereum price", "Crypto"), days=1, ask=_above("Ethereum price", 2_600, 4_400, 20, "$")
    ),
    Template(series=_plain("KXWTI", "WTI oil price", "Commodities"), days=2, ask=_above("WTI oil", 56, 78, 1, "$")),
    Template(series=_plain("KXGOLDD", "Gold price", "Commodities"), days=1, ask=_above("Gold", 3_600, 4_600, 10, "$")),
    Template(
        series=Series(
            ticker="KXNFLGAME",
            title="Professional football game",
            category="Sports",
            fee_type="quadratic_with_maker_fees",
        ),
        days=2,
        ask=_game_of("Pro football", _NFL),
    ),
    Template(
        series=Series(
            ticker="KXNBAGAME",
            title="Professional basketball game",
            category="Sports",
            fee_type="quadratic_with_maker_fees",
            fee_percent=50,
        ),
        days=1,
        ask=_game_of("Pro basketball", _NBA),
    ),
    Template(
        series=Series(
            ticker="KXCPIYOY",
            title="Inflation",
            category="Economics",
            frequency="monthly",
            fee_type="quadratic_with_maker_fees",
        ),
        days=3,
        ask=_tenths("CPI year over year", 24, 34),
    ),
    Template(
        series=Series(
            ticker="KXFED",
            title="Fed funds rate",
            category="Economics",
            frequency="custom",
            fee_type="quadratic_with_maker_fees",
        ),
        days=3,
        ask=_fed,
    ),
    Template(
        series=_plain("KXAAAGASW", "US gas prices", "Economics", "weekly"),
        days=2,
        ask=_tenths("Gas price change", 1, 30),
    ),
    Template(
        series=_plain("KXTSAW", "TSA check-ins", "Transportation", "weekly"),
        days=2,
        ask=_above("TSA check-ins this week", 2_300_000, 2_900_000, 50_000),
    ),
)
