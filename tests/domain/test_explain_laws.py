"""The law of explanations: at every node of every figure, the amount is what the rule makes of the children."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from pnl.domain.explain import DAILY, FIELDS, NAMES, RANGED, figure, of_day, of_instant, over_days
from pnl.domain.ledger import Ledger
from pnl.domain.money import CENT
from pnl.domain.outcome import CASES, outcomes, stakes_of, total
from pnl.domain.records import (
    Anchor,
    Balance,
    Cost,
    Credit,
    Fact,
    Fill,
    Market,
    Record,
    RevenueEntry,
    RevenueKind,
    Usage,
)
from tests.depth import examples
from tests.domain.explaining import day_of, holds_up, keys, valuation
from tests.domain.strategies import START, entry, record, report
from tests.domain.test_laws import DAYS, TICKERS, History, histories, quotes
from tests.domain.world import ledger

MODELS = ("claude-opus-5-5", "claude-haiku-5-5", None)
KINDS: tuple[RevenueKind, ...] = ("sale", "refund", "fee", "adjustment", "day_total", "operating_cost", "unclassified")
CUSTOMERS = ("Ada & Sons", "Müller/Köln ~ 50 %", None)


def revenue(luck: random.Random) -> list[Record]:
    """Return entries of every kind, some of customers, some recurring, some void or in another currency."""
    found = []
    for _ in range(luck.randrange(12)):
        day = DAYS[luck.randrange(len(DAYS))]
        kind = luck.choice(KINDS)
        cents = luck.randrange(-90_000, 90_000)
        made = entry(
            kind,
            f"{cents / 100:.2f}",
            day,
            fee="-0.31" if kind == "sale" else "0",
            currency=luck.choice(["USD", "USD", "USD", "EUR"]),
            status=luck.choice(["settled", "settled", "void", "pending"]),
            recurs=luck.choice([None, "weekly", "monthly", "yearly"]) if kind == "operating_cost" else None,
        )
        found.append(record(replace(made, customer=luck.choice(CUSTOMERS))))
    return found


def spending(luck: random.Random) -> list[Record]:
    """Return cost and usage of every UTC day, by the day or by the hour; some rows are gone, some not yet told."""
    found: list[Fact] = []
    hourly, gone = luck.random() < 0.5, luck.random() < 0.3
    for day in [DAYS[0] - timedelta(days=1), *DAYS]:
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
        reported = Decimal(0)
        for number in range(luck.randrange(4)):
            start = midnight + timedelta(hours=luck.randrange(24) if hourly else 0)
            amount = Decimal(luck.randrange(-50, 5000)) / Decimal(luck.choice([1, 7, 100]))
            reported += amount
            found.append(
                Cost(
                    id=f"{day}|{number}",
                    start=start,
                    end=start + timedelta(hours=1 if hourly else 24),
                    amount=amount,
                    currency="USD",
                    model=luck.choice(MODELS),
                    token_type="output_tokens",
                    cost_type="tokens",
                    service_tier="standard",
                    context_window="0-200k",
                    inference_geo="global",
                    workspace_id=luck.choice(["w1", None]),
                    description=None,
                )
            )
        if gone and found and isinstance(found[-1], Cost):
            found.pop()
        found += _usage(luck, midnight)
        watermark = luck.choice([None, midnight + timedelta(hours=luck.randrange(24))])
        listed = {f"{luck.choice(MODELS[:2])}|output_tokens|standard|global|0-200k": Decimal(luck.randrange(30))}
        found.append(
            Anchor(
                id=day.isoformat(),
                day=day,
                read_at=midnight + timedelta(hours=luck.randrange(1, 40)),
                watermark=watermark,
                reported=reported,
                usage_known=luck.random() < 0.8,
                list_values=listed,
            )
        )
    return [record(fact) for fact in found]


def _usage(luck: random.Random, midnight: datetime) -> list[Fact]:
    return [
        Usage(
            id=f"{midnight:%Y-%m-%d}|{hour}|{model}",
            start=midnight + timedelta(hours=hour),
            end=midnight + timedelta(hours=hour + 1),
            model=model,
            service_tier="standard",
            context_window="0-200k",
            inference_geo="global",
            tokens={"output_tokens": 1000},
            list_values={"output_tokens": luck.choice([Decimal(luck.randrange(1, 900)) / 7, None])},
        )
        for hour in luck.sample(range(24), 3)
        for model in MODELS[:2]
    ]


def everything(history: History) -> tuple[Ledger, list[Record]]:
    """Return a ledger of trading, revenue and spending, and the records that it was given."""
    luck, some = random.Random(history.seed), ledger()
    lost = luck.random() < 0.3
    records = [record(fact) for fact in history.facts if not (lost and isinstance(fact, Fill) and luck.random() < 0.3)]
    records.append(record(Balance(at=history.first_look, cash=luck.randrange(10**12), portfolio_value=0)))
    records += revenue(luck) + spending(luck)
    credit = Credit(id="credit-1", at=START + timedelta(days=1), amount=luck.randrange(1, 500) * CENT)
    records.append(record(credit))
    some.take(records)
    some.quote(quotes(luck, START)[0][: luck.randrange(1, len(TICKERS) + 1)])
    some.report(report(luck.randrange(10**12), at=START + timedelta(days=20)))
    return some, records


@settings(deadline=None, max_examples=examples(60))
@given(histories())
def test_every_figure_of_every_day_adds_up_to_its_records(history: History) -> None:
    some, records = everything(history)
    known = keys(records)
    marks = quotes(random.Random(1), START)[0]
    off = history.seed % 2 * CENT
    days = []
    for day in DAYS:
        start, end = some.calendar.bounds(day)
        opening, closing = valuation(some, start, marks, off=off), valuation(some, end, marks)
        days.append(day_of(some, day, opening, closing))

    for name in DAILY:
        for stated in days:
            holds_up(of_day(name, stated), known)
        whole = over_days(name, days)
        amounts = [amount for stated in days if (amount := of_day(name, stated).amount) is not None]
        assert whole.amount == (sum(amounts) if amounts else None)
        holds_up(whole, known)


@settings(deadline=None, max_examples=examples(60))
@given(histories())
def test_every_figure_of_the_account_and_of_positions_adds_up_to_its_records(history: History) -> None:
    some, records = everything(history)
    known = keys(records)
    days = {*DAILY, *RANGED, "cumulative_net"}
    names = [name for name in NAMES if name not in days and "<" not in name]
    names += [f"position.{ticker}.{field}" for ticker in some.book.markets for field in FIELDS]
    rows = {row.ticker: row for row in some.rows(every=True)}

    for name in names:
        asked = figure(name)
        assert asked is not None
        root = of_instant(asked, some)
        assert root is not None
        holds_up(root, known)
        if asked.ticker:
            assert root.amount == getattr(rows[asked.ticker], asked.field), name


@settings(deadline=None, max_examples=examples(60))
@given(histories(), st.integers(0, 2**16))
def test_what_positions_bring_at_settlement_adds_up_to_its_records(history: History, seed: int) -> None:
    some, records = everything(history)
    luck = random.Random(seed)
    exclusive = [luck.random() < 0.7 for _ in range(2)]
    events = [luck.randrange(2) for _ in TICKERS]
    some.quote(
        quotes(luck, START)[0],
        [
            Market(
                ticker=ticker,
                event_ticker=f"E{event}",
                title=ticker,
                close_time=None,
                mutually_exclusive=exclusive[event],
            )
            for ticker, event in zip(TICKERS, events, strict=True)
        ],
    )
    found = outcomes(stakes_of(some.rows()))

    for case in CASES:
        whole = figure(f"outcome.{case}")
        assert whole is not None
        root = of_instant(whole, some)
        assert root is not None
        holds_up(root, keys(records))
        assert root.amount == total(found, case)
        for one in found:
            asked = figure(f"event.{one.event}.{case}")
            assert asked is not None
            part = of_instant(asked, some)
            assert part is not None
            holds_up(part, keys(records))
            assert part.amount == one.of(case)


@settings(deadline=None, max_examples=examples(40))
@given(histories(), st.integers(-(10**9), 10**9))
def test_what_was_shown_and_no_record_tells_is_a_child_of_its_own(history: History, off: int) -> None:
    some, records = everything(history)
    quoted = day_of(
        some, DAYS[3], valuation(some, some.calendar.bounds(DAYS[3])[0], quotes(random.Random(1), START)[0])
    )
    lines = {name: None if amount is None else amount + off for name, amount in quoted.lines.items()}

    for name in lines:
        root = of_day(name, replace(quoted, lines=lines))

        leaves = holds_up(root, keys(records))
        if root.amount is not None and off:
            assert any(leaf.rule == "remainder" for leaf in leaves), name


def test_records_of_revenue_post_to_their_customers() -> None:
    some = ledger()
    day = date(2026, 11, 20)
    sale = replace(entry("sale", "10.00", day, name="s1", fee="-0.30"), customer="Ada")
    other = entry("sale", "5.00", day, name="s2")
    some.take([record(sale), record(other)])
    root = of_day("revenue", day_of(some, day, valuation(some, START, [])))

    assert [(node.title, node.amount) for node in root.children()] == [
        ("Ada", 1000 * CENT),
        ("no customer named", 500 * CENT),
    ]
    assert isinstance(root.children()[0].children()[0].record.fact, RevenueEntry)  # type: ignore[union-attr] # it is one
