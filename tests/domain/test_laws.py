"""The laws that hold whatever happened: an account is simulated by plain rules and held against the ledger."""

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from pnl.domain.ledger import Ledger
from pnl.domain.money import CENT, CONTRACT, DOLLAR, Centi, Nano
from pnl.domain.positions import fold
from pnl.domain.records import Balance, Fact, Fill, Mark, ReportedPosition, Settlement, Transfer
from tests.depth import examples
from tests.domain.strategies import START, fills, mark, record, report, row_of
from tests.domain.world import ledger, snapshot_of

DAYS = [START.date() + timedelta(days=number) for number in range(14)]
TICKERS = ("KX0", "KX1", "KX2")
OPENING_CASH = 10_000 * DOLLAR


@dataclass
class Account:
    """Plain rules: contracts cost their price, a pair pays a dollar back, the outcome pays the rest."""

    cash: Nano = OPENING_CASH
    held: dict[tuple[str, int], dict[str, Centi]] = field(default_factory=dict)
    fills: dict[str, list[Fill]] = field(default_factory=lambda: defaultdict(list))
    settled: set[str] = field(default_factory=set)

    def happens(self, fact: Fact) -> None:
        if isinstance(fact, Transfer):
            self.cash += fact.amount
        elif isinstance(fact, Settlement):
            self.cash += fact.revenue
            self.settled.add(fact.ticker)
            for key in [key for key in self.held if key[0] == fact.ticker]:
                del self.held[key]
        elif isinstance(fact, Fill):
            self.fills[fact.ticker].append(fact)
            own = self.held.setdefault((fact.ticker, fact.subaccount), {"yes": 0, "no": 0})
            own[fact.side] += fact.count
            pairs = min(own.values())
            own["yes"] -= pairs
            own["no"] -= pairs
            self.cash += pairs * DOLLAR // CONTRACT - fact.count * fact.price // CONTRACT - fact.fee

    def worth(self, bids: dict[str, tuple[Nano, Nano]]) -> Nano:
        """Return cash and what all that is held would bring at (YES, NO) bids."""
        return self.cash + sum(
            (own["yes"] * bids[ticker][0] + own["no"] * bids[ticker][1]) // CONTRACT
            for (ticker, _), own in self.held.items()
        )

    def outcome(self, ticker: str, result: str, cents: int, at: datetime) -> Settlement:
        """Return the row by which a market settles now, at `cents` a YES contract."""
        value = {"yes": 100, "no": 0}.get(result, cents)
        legs = [own for (name, _), own in self.held.items() if name == ticker]
        paid = sum(own["yes"] * value + own["no"] * (100 - value) for own in legs) // CONTRACT
        bought = self.fills[ticker]

        def total(side: str) -> tuple[Centi, Nano]:
            own = [one for one in bought if one.side == side]
            return sum(one.count for one in own), sum(one.count * one.price // CONTRACT for one in own)

        return Settlement(
            id=ticker,
            ticker=ticker,
            event_ticker="KXE",
            at=at,
            result=result,
            yes_count=total("yes")[0],
            yes_cost=total("yes")[1],
            no_count=total("no")[0],
            no_cost=total("no")[1],
            revenue=paid * CENT,
            fee=sum(one.fee for one in bought),
            value=value * CENT,
        )

    def rows(self) -> dict[str, ReportedPosition]:
        """Return the unsettled markets as they are reported, all subaccounts added up."""
        found = {}
        for ticker, bought in self.fills.items():
            if ticker not in self.settled:
                legs = [fold(one for one in bought if one.subaccount == number) for number in (0, 1)]
                found[ticker] = row_of(legs[0].plus(legs[1]), ticker)
        return found


@dataclass
class History:
    """What happened, in order, and the instant at which the ledger first looked."""

    facts: list[Fact]
    first_look: datetime
    seed: int


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Return fills, movements of cash and outcomes, by any order of time."""
    facts: list[Fact] = list(draw(st.lists(fills(tickers=3, subaccounts=2), max_size=14)))
    for number, amount in enumerate(draw(st.lists(st.integers(-(10**12), 10**12), max_size=3))):
        at = START + timedelta(hours=draw(st.integers(0, 250)))
        facts.append(Transfer(id=f"t{number}", at=at, amount=amount, status="applied", type="deposit"))
    facts.sort(key=lambda fact: (fact.at, fact.id))  # type: ignore[union-attr] # all have an instant and an id
    account, found = Account(), list[Fact]()
    for fact in facts:
        account.happens(fact)
        found.append(fact)
    for ticker in draw(st.sets(st.sampled_from(TICKERS))):
        own = [fact.at for fact in found if isinstance(fact, Fill) and fact.ticker == ticker]
        at = max(own, default=START) + timedelta(minutes=draw(st.integers(0, 3_000)))
        result = draw(st.sampled_from(["yes", "no", "scalar"]))
        found.append(account.outcome(ticker, result, draw(st.integers(1, 99)), at))
    found.sort(key=lambda fact: (fact.at, isinstance(fact, Settlement), fact.id))  # type: ignore[union-attr]
    return History(found, START + timedelta(hours=draw(st.integers(-1, 300))), draw(st.integers(0, 2**32)))


def quotes(luck: random.Random, at: datetime) -> tuple[list[Mark], dict[str, tuple[Nano, Nano]]]:
    """Return any quotes, and what they bid for (YES, NO)."""
    marks, bids = [], {}
    for ticker in TICKERS:
        bid, spread = luck.randrange(1, 9_900), luck.randrange(1, 90)
        marks.append(mark(ticker, bid=f"0.{bid:04d}", ask=f"0.{bid + spread:04d}", at=at))
        bids[ticker] = (bid * DOLLAR // 10_000, (10_000 - bid - spread) * DOLLAR // 10_000)
    return marks, bids


def at_of(fact: Fact) -> datetime:
    """Return when a fact of a history happened."""
    assert isinstance(fact, Fill | Settlement | Transfer)
    return fact.at


def trading_lines(some: Ledger, day_number: int, opening: Nano) -> tuple[Nano, Nano]:
    """Return what trading adds to a day, and the unrealised result at its close."""
    found = snapshot_of(some, DAYS[day_number], opening=opening)
    names = ("trading_realised", "trading_unrealised", "trading_fees", "other_income")
    lines = [found.lines[name] for name in names]
    assert None not in lines
    assert found.unrealised_total is not None
    return sum(line for line in lines if line is not None), found.unrealised_total


@settings(deadline=None, max_examples=examples(80))
@given(histories())
def test_the_days_add_up_to_what_the_account_gained_beside_movements_of_cash(history: History) -> None:
    luck, some, account = random.Random(history.seed), ledger(), Account()
    gained = moved = opening = 0
    for number, day in enumerate(DAYS):
        for fact in history.facts:
            if some.calendar.day(at_of(fact)) == day:
                account.happens(fact)
                some.take([record(fact)])
                moved += fact.amount if isinstance(fact, Transfer) else 0
        marks, bids = quotes(luck, START + timedelta(days=number))
        some.quote(marks)
        added, opening = trading_lines(some, number, opening)
        gained += added
        assert gained == account.worth(bids) - OPENING_CASH - moved


@settings(deadline=None, max_examples=examples(80))
@given(histories())
def test_an_account_in_order_passes_every_check_in_whatever_order_it_becomes_known(history: History) -> None:
    luck, some, account = random.Random(history.seed), ledger(), Account()
    records = []
    for fact in history.facts:
        if at_of(fact) <= history.first_look:
            account.happens(fact)
        records.append(record(fact))
    records.append(record(Balance(at=history.first_look, cash=account.cash, portfolio_value=0)))
    for fact in history.facts:
        if at_of(fact) > history.first_look:
            account.happens(fact)
    luck.shuffle(records)
    for one in records:
        some.take([one])

    reading = report(account.cash, account.rows(), at=START + timedelta(days=20))
    confirmed = [some.report(reading) for _ in range(4)]

    assert confirmed == [None] * 4
    assert [check for check in some.reconciliation.checks() if check.state != "ok"] == []
    audit = some.audit()
    assert audit is not None
    assert (audit.residual, audit.equity) == (0, audit.explained_equity)


@settings(deadline=None, max_examples=examples(60))
@given(histories(), st.integers(0, 2**32))
def test_what_becomes_known_late_posts_where_it_would_have_posted_in_time(history: History, seed: int) -> None:
    in_time, late = ledger(), ledger()
    records = [record(fact) for fact in history.facts]
    in_time.take(records)
    shuffled = records * 2
    random.Random(seed).shuffle(shuffled)
    for one in shuffled:
        late.take([one])

    for some in (in_time, late):
        some.quote(quotes(random.Random(history.seed), START)[0])
    for day in DAYS:
        assert snapshot_of(late, day).to_json() == snapshot_of(in_time, day).to_json()
    for one in records:
        assert late.posts(one) == in_time.posts(one)


@settings(deadline=None, max_examples=examples(60))
@given(histories())
def test_a_day_is_the_sum_of_what_its_records_post(history: History) -> None:
    some = ledger()
    records = [record(fact) for fact in history.facts]
    some.take(records)
    posted: dict[tuple[object, str], Nano] = defaultdict(int)
    for one in records:
        for line, amount in some.posts(one):
            posted[some.calendar.day(one.effective_at), line] += amount

    for day in DAYS:
        sums = some.book.day(day)
        assert posted[day, "trading_realised"] == sums.realised
        assert posted[day, "trading_fees"] == -sums.fees


@settings(deadline=None, max_examples=examples(80))
@given(histories())
def test_settlements_stand_in_for_fills_of_before_the_first_look(history: History) -> None:
    luck, some, account = random.Random(history.seed), ledger(), Account()
    facts = [
        one for one in history.facts if isinstance(one, Transfer) or (isinstance(one, Fill) and not one.subaccount)
    ]
    ends = {one.ticker: one for one in history.facts if isinstance(one, Settlement)}
    for fact in facts:
        account.happens(fact)
    rows = [account.outcome(old.ticker, old.result, (old.value or 0) // CENT, old.at) for old in ends.values()]
    for row in rows:
        account.happens(row)
    at_first = Account()
    everything: list[Fact] = [*facts, *rows]
    for one in sorted(everything, key=lambda one: (at_of(one), isinstance(one, Settlement))):
        if at_of(one) <= history.first_look:
            at_first.happens(one)
    told = [
        one
        for one in everything
        if not (isinstance(one, Fill) and one.ticker in ends and one.at <= history.first_look and luck.random() < 0.5)
    ]
    some.take([record(one) for one in told])
    some.take([record(Balance(at=history.first_look, cash=at_first.cash, portfolio_value=0))])

    confirmed = [some.report(report(account.cash, account.rows(), at=START + timedelta(days=20))) for _ in range(4)]

    assert confirmed == [None] * 4
    unwell = {check.name: check.state for check in some.reconciliation.checks() if check.state != "ok"}
    assert unwell in ({}, {"I4_settlement": "waiting"})
    gained = sum(some.book.day(day).realised - some.book.day(day).fees for day in DAYS)
    open_cost = sum(market.position.cost for market in some.book.markets.values())
    moved = sum(fact.amount for fact in facts if isinstance(fact, Transfer))
    assert gained == account.cash + open_cost - OPENING_CASH - moved
