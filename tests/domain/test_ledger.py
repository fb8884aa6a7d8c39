"""The whole ledger: worked examples of an account, and the laws of days over any history."""

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from pnl.domain.ledger import Ledger, Opening
from pnl.domain.money import MICRO, nano
from pnl.domain.positions import fold
from pnl.domain.records import Anchor, Balance, Credit, Fact, Fill, Mark, Market, Record, Settlement, Transfer, Usage
from pnl.domain.snapshot import LINES
from tests.depth import examples
from tests.domain.strategies import START, entry, fill, fills, mark, record, report, row_of, settlement, transfer
from tests.domain.world import World, ledger, snapshot_of, sources

TODAY = START.date()
DAYS = [TODAY + timedelta(days=n) for n in range(12)]
YES_100 = fill("yes", "100", "0.42", "1.7052", ticker="KXA")
NO_50 = fill("no", "50", "0.30", "0.735", ticker="KXB")
QUOTES = [mark("KXA", bid="0.41", ask="0.43"), mark("KXB", bid="0.66", ask="0.69")]


def account() -> Ledger:
    """Return the account of the worked example: 500 put in, then two trades."""
    some = ledger()
    deposit = transfer("500", at=START + timedelta(seconds=1))
    opening = Balance(at=START, cash=0, portfolio_value=0)
    some.take([record(one) for one in (opening, deposit, YES_100, NO_50)])
    some.quote(QUOTES)
    some.report(
        report(
            nano("440.5598"),
            {"KXA": row_of(fold([YES_100]), "KXA"), "KXB": row_of(fold([NO_50]), "KXB")},
            at=START + timedelta(hours=1),
        )
    )
    return some


def test_an_account_of_two_trades_is_worth_what_the_example_says() -> None:
    found = snapshot_of(account(), TODAY)

    assert found.account.cash == nano("440.5598")
    assert found.account.positions_value == nano("56.50")
    assert found.account.equity == nano("497.0598")
    assert found.account.exposure == nano("57")
    assert found.lines["trading_realised"] == 0
    assert found.lines["trading_unrealised"] == found.unrealised_total == nano("-0.50")
    assert found.lines["trading_fees"] == nano("-2.4402")
    trading = [found.lines[name] or 0 for name in LINES if name.startswith("trading")]
    assert sum(trading) == nano("-2.9402")
    assert (found.checks_failed, found.checks_waiting) == (0, 0)


def test_a_further_deposit_changes_no_line() -> None:
    some = account()
    before = snapshot_of(some, TODAY)

    some.take([record(transfer("100", at=START + timedelta(hours=2), name="deposit-2"))])
    some.take([record(transfer("-30", at=START + timedelta(hours=2), name="withdrawal-1"))])
    after = snapshot_of(some, TODAY)

    assert (after.lines, after.net) == (before.lines, before.net)
    explained = some.cash.audit(nano("510.5598"))
    assert explained is not None
    assert explained.residual == 0


def test_nothing_is_known_and_nothing_was_checked_before_any_source_has_answered() -> None:
    some = ledger()
    found = some.snapshot(
        seq=1,
        as_of=START,
        demo=False,
        opening=Opening(TODAY, None, True),
        sources=sources("down"),
        trading=False,
        revenue=False,
    )

    assert found.net is None
    assert found.missing == tuple(name for name in LINES if name != "operating_cost")
    assert (found.account.cash, found.account.equity, found.account.positions_value) == (None, None, None)
    assert found.unrealised_total is None
    assert found.finality == "estimated"
    (identity,) = [check for checks in some.reconciliation.groups().values() for check in checks]
    assert (identity.name, identity.state) == ("identity", "waiting")


def test_a_position_without_a_quote_leaves_its_own_line_unknown_only() -> None:
    some = ledger()
    some.take([record(YES_100), record(entry("sale", "10", TODAY))])

    found = snapshot_of(some, TODAY)

    assert found.lines["trading_unrealised"] is None
    assert (found.account.positions_value, found.account.equity) == (None, None)
    assert found.lines["trading_fees"] == nano("-1.7052")
    assert found.net == nano("10") - nano("1.7052")
    assert set(found.missing) == {"trading_unrealised", "api_cost"}


def test_an_opening_that_is_not_known_leaves_the_change_unknown() -> None:
    found = snapshot_of(account(), TODAY, opening=None, estimated=True)

    assert found.lines["trading_unrealised"] is None
    assert found.unrealised_total == nano("-0.50")


def test_an_estimated_opening_is_flagged_and_keeps_the_day_an_estimate() -> None:
    found = snapshot_of(account(), TODAY, opening=nano("-0.20"), estimated=True)

    assert found.lines["trading_unrealised"] == nano("-0.30")
    assert "opening_estimated" in found.flags
    assert found.finality == "estimated"


def test_a_position_that_nobody_bids_for_is_flagged() -> None:
    some = account()
    some.quote([mark("KXA", ask="0.43", at=START + timedelta(hours=2))])

    found = snapshot_of(some, TODAY)

    assert "no_bid" in found.flags
    assert found.account.positions_value == nano("15.50")


def test_an_older_quote_does_not_replace_a_newer_one() -> None:
    some = account()

    some.quote([mark("KXA", bid="0.10", ask="0.20", at=START - timedelta(hours=1))])

    assert some.unrealised() == nano("-0.50")


def test_the_mid_rule_is_the_ledgers_own() -> None:
    some = Ledger(ledger().calendar, "mid")
    some.take([record(NO_50)])
    some.quote(QUOTES)

    assert some.unrealised() == nano("1.25")


def test_a_settled_market_is_open_no_more_and_listed_with_every_other() -> None:
    some = account()
    some.take([record(settlement("yes", ("100", "42"), revenue=10_000, fee="1.7052", ticker="KXA"))])

    found = snapshot_of(some, TODAY + timedelta(days=1), opening=nano("-0.50"))

    assert [row.ticker for row in found.positions] == ["KXB"]
    assert [row.ticker for row in some.rows(every=True)] == ["KXA", "KXB"]
    assert found.lines["trading_realised"] == nano("58")
    assert found.lines["trading_unrealised"] == nano("1")
    assert found.lines["trading_fees"] == 0


def test_a_settlement_without_fills_is_flagged_until_they_come() -> None:
    some = ledger()
    row = settlement("yes", ("2", "1.78"), revenue=200, fee="0.0138", at=START + timedelta(days=1))
    some.take([record(row)])
    tomorrow = TODAY + timedelta(days=1)
    alone = snapshot_of(some, tomorrow)

    some.take([record(fill("yes", "2", "0.89", "0.0138", at=START))])
    whole = snapshot_of(some, tomorrow)

    assert "from_settlement" in alone.flags
    assert (alone.lines["trading_realised"], alone.lines["trading_fees"]) == (nano("0.22"), nano("-0.0138"))
    assert "from_settlement" not in whole.flags
    assert (whole.lines["trading_realised"], whole.lines["trading_fees"]) == (nano("0.22"), 0)
    assert snapshot_of(some, TODAY).lines["trading_fees"] == nano("-0.0138")


def test_the_days_around_the_clock_changes_take_each_instant_once() -> None:
    some = ledger()
    instants = {
        datetime(2026, 3, 8, 4, 59, 59, tzinfo=UTC): date(2026, 3, 7),
        datetime(2026, 3, 8, 5, tzinfo=UTC): date(2026, 3, 8),
        datetime(2026, 3, 9, 3, 59, 59, tzinfo=UTC): date(2026, 3, 8),
        datetime(2026, 3, 9, 4, tzinfo=UTC): date(2026, 3, 9),
        datetime(2026, 11, 1, 4, tzinfo=UTC): date(2026, 11, 1),
        datetime(2026, 11, 2, 4, 59, 59, tzinfo=UTC): date(2026, 11, 1),
        datetime(2026, 11, 2, 5, tzinfo=UTC): date(2026, 11, 2),
    }
    fees = dict.fromkeys(instants.values(), 0)
    for number, (at, day) in enumerate(instants.items(), start=1):
        some.take([record(fill("yes", "1", "0.5", f"0.0{number}", at=at))])
        fees[day] += nano(f"0.0{number}")

    for day, paid in fees.items():
        assert snapshot_of(some, day).lines["trading_fees"] == -paid


def test_what_a_record_posts_is_what_the_day_adds_up() -> None:
    some = ledger()
    traded: list[Fact] = [
        fill("yes", "10", "0.40", "0.1", at=START),
        fill("no", "4", "0.50", "0.2", at=START + timedelta(minutes=1)),
        fill("no", "10", "0.50", "0.3", name="f#1", at=START, subaccount=1),
        fill("yes", "10", "0.30", "0.4", name="g#1", at=START + timedelta(minutes=2), subaccount=1),
        settlement("yes", ("20", "7"), ("14", "7"), revenue=600, at=START + timedelta(minutes=3)),
        Credit(id="c", at=START, amount=nano("3")),
        entry("sale", "10", TODAY, fee="-0.5"),
        entry("operating_cost", "-7", TODAY, recurs="weekly"),
        entry("sale", "10", TODAY, status="pending"),
        transfer("55", at=START),
    ]
    records = [record(one) for one in traded]
    some.take(records)

    sums = dict.fromkeys(LINES, 0)
    for one in records:
        for line, amount in some.posts(one):
            sums[line] += amount

    found = snapshot_of(some, TODAY)
    assert sums == {name: found.lines[name] or 0 for name in LINES} | {"trading_unrealised": 0}
    assert sums["trading_fees"] == nano("-1")
    assert sums["trading_realised"] == nano("0.4") + nano("2") + nano("3.6")


def test_a_transfer_that_was_applied_does_not_become_pending_again() -> None:
    some = ledger()
    some.take([record(Balance(at=START, cash=0, portfolio_value=0))])
    later = START + timedelta(minutes=1)
    applied = record(transfer("30", at=later), version=2)
    pending = record(transfer("30", at=later, status="pending"), version=1)

    for some_order in ([pending, applied], [applied, pending, applied]):
        some.take(some_order)
        found = some.cash.audit(nano("30"))
        assert found is not None
        assert found.clean


def test_the_newest_balance_is_shown_in_whichever_order_they_come() -> None:
    some = ledger()
    old, new = Balance(at=START, cash=5, portfolio_value=0), Balance(at=DAY_LATER, cash=7, portfolio_value=0)

    some.take([record(new, name="later"), record(old)])

    assert some.balance == new
    assert some.cash.opening == old


DAY_LATER = START + timedelta(days=1)


def test_a_clean_account_that_paid_interest_shows_it_as_other_income() -> None:
    world = World()
    world.cash += nano("1.23")
    for _ in range(3):
        world.read()

    found = snapshot_of(world.ledger, TODAY)

    assert found.lines["other_income"] == nano("1.23")
    assert "unattributed_credit" in found.flags


def test_the_cost_of_the_api_is_a_line_below_zero() -> None:
    some = ledger()
    some.take(
        [
            record(
                Anchor(
                    id=f"{day}",
                    day=day,
                    read_at=datetime(2026, 11, 3, 12, tzinfo=UTC),
                    watermark=None,
                    reported=Decimal(24),
                    usage_known=True,
                    list_values={},
                )
            )
            for day in (TODAY, TODAY + timedelta(days=1))
        ]
    )

    found = snapshot_of(some, TODAY)

    nineteen_hours, five_of_the_twelve_so_far = nano("19"), nano("10")
    assert found.lines["api_cost"] == -nineteen_hours - five_of_the_twelve_so_far
    assert found.complete


def test_all_that_is_reported_is_in_the_snapshot_of_a_market() -> None:
    some = account()
    some.quote([], [Market(ticker="KXA", event_ticker="KXE", title="Will it?", close_time=None)])

    (first, second) = snapshot_of(some, TODAY).positions

    assert (first.title, second.title) == ("Will it?", "KXB")


# The laws.


@st.composite
def worlds(draw: st.DrawFn) -> list[Record]:
    """Return records of every kind: fills and settlements of three markets, transfers, credits, revenue, costs."""
    history = draw(st.lists(fills(tickers=3, subaccounts=2), max_size=15))
    facts: list[Fact] = list(history)
    for ticker in draw(st.sets(st.sampled_from(["KX0", "KX1", "KX2"]))):
        own = sorted((one for one in history if one.ticker == ticker), key=lambda one: (one.at, one.id))
        facts.append(whole_settlement(ticker, own, draw(st.sampled_from(["yes", "no"]))))
    facts += [
        Transfer(
            id=f"t{n}",
            at=START + timedelta(hours=draw(st.integers(-5, 200))),
            amount=amount,
            status="applied",
            type="deposit",
        )
        for n, amount in enumerate(draw(st.lists(st.integers(-(10**12), 10**12), max_size=3)))
    ]
    facts += [
        Credit(id=f"c{n}", at=START + timedelta(hours=draw(st.integers(1, 200))), amount=amount)
        for n, amount in enumerate(draw(st.lists(st.integers(-(10**9), 10**9), max_size=2)))
    ]
    facts += [
        entry(
            draw(st.sampled_from(["sale", "refund", "operating_cost"])),
            str(draw(st.integers(-99, 99))),
            TODAY + timedelta(days=draw(st.integers(0, 9))),
            name=f"e{n}",
            recurs=None,
        )
        for n in range(draw(st.integers(0, 3)))
    ]
    for n in range(draw(st.integers(0, 3))):
        day = TODAY + timedelta(days=n)
        start = datetime(day.year, day.month, day.day, tzinfo=UTC)
        facts.append(
            Anchor(
                id=f"{day}",
                day=day,
                read_at=start + timedelta(hours=30),
                watermark=None,
                reported=Decimal(draw(st.integers(0, 10**6))) / 1000,
                usage_known=True,
                list_values={},
            )
        )
        facts.append(
            Usage(
                id=f"u{n}",
                start=start + timedelta(hours=3),
                end=start + timedelta(hours=4),
                model="m",
                service_tier=None,
                context_window=None,
                inference_geo=None,
                tokens={"output_tokens": 5},
                list_values={"output_tokens": Decimal(draw(st.integers(0, 900))) / 100},
            )
        )
    facts.append(Balance(at=START + timedelta(hours=draw(st.integers(-1, 100))), cash=nano("900"), portfolio_value=0))
    return [record(fact) for fact in facts]


def whole_settlement(ticker: str, own: list[Fill], result: str) -> Settlement:
    """Return the row of a market whose every fill is known; it pays each subaccount by what that one holds."""
    by_subaccount = [fold(one for one in own if one.subaccount == number) for number in (0, 1)]
    won = sum(max(held.contracts if result == "yes" else -held.contracts, 0) for held in by_subaccount)
    end = by_subaccount[0].plus(by_subaccount[1])
    return Settlement(
        id=ticker,
        ticker=ticker,
        event_ticker="KXE",
        at=START + timedelta(days=11),
        result=result,
        yes_count=end.yes_count,
        yes_cost=end.yes_cost,
        no_count=end.no_count,
        no_cost=end.no_cost,
        revenue=won * 10_000_000,
        fee=end.fees,
        value=None,
    )


def quotes(seed: random.Random, at: datetime) -> list[Mark]:
    """Return any quotes of the three markets."""
    found = []
    for ticker in ("KX0", "KX1", "KX2"):
        bid = seed.randrange(1, 9_990)
        found.append(mark(ticker, bid=f"0.{bid:04d}", ask=f"0.{bid + 9:04d}", at=at))
    return found


@settings(deadline=None, max_examples=examples(60))
@given(worlds(), st.randoms(use_true_random=False))
def test_order_and_repetition_of_records_change_nothing(records: list[Record], luck: random.Random) -> None:
    quoted = quotes(luck, START)

    def picture(batches: list[list[Record]]) -> object:
        some = ledger()
        some.quote(quoted)
        for batch in batches:
            some.take(batch)
        found = [snapshot_of(some, day).to_json() for day in DAYS[:11]]
        return found, [row.to_json() for row in some.rows(every=True)], some.audit(), some.balance

    shuffled = records + luck.sample(records, len(records) // 2)
    luck.shuffle(shuffled)
    cuts = sorted(luck.randrange(len(shuffled) + 1) for _ in range(3))
    batches = [shuffled[a:b] for a, b in zip([0, *cuts], [*cuts, len(shuffled)], strict=True)]

    assert picture(batches) == picture([records])


@settings(deadline=None, max_examples=examples(60))
@given(st.lists(fills(tickers=3), max_size=25), st.integers(-500, 500), st.randoms(use_true_random=False))
def test_days_add_up_to_the_change_of_equity_less_transfers(
    history: list[Fill], moved: int, luck: random.Random
) -> None:
    """Day by day, with new marks at every midnight: what the lines say is what the account gained."""
    some = ledger()
    opening_cash = nano("10000")
    some.take([record(Balance(at=START - timedelta(days=1), cash=opening_cash, portfolio_value=0))])
    transfer_at = START + timedelta(days=luck.randrange(10))
    gained = 0
    opening = 0
    cash = opening_cash
    done: dict[str, list[Fill]] = {"KX0": [], "KX1": [], "KX2": []}
    for day in DAYS:
        for one in sorted(history, key=lambda one: (one.at, one.id)):
            if some.calendar.day(one.at) == day:
                before = fold(done[one.ticker]).cash
                done[one.ticker].append(one)
                cash += fold(done[one.ticker]).cash - before
                some.take([record(one)])
        if some.calendar.day(transfer_at) == day:
            some.take([record(transfer(str(moved), at=transfer_at))])
            cash += nano(str(moved))
        if day == DAYS[-1]:
            for ticker, own in done.items():
                row = whole_settlement(ticker, own, luck.choice(["yes", "no"]))
                cash += row.revenue
                some.take([record(row)])
        some.quote(quotes(luck, START + timedelta(days=(day - TODAY).days)))
        some.report(report(cash, at=START))
        found = snapshot_of(some, day, opening=opening)
        lines = [found.lines[name] for name in ("trading_realised", "trading_unrealised", "trading_fees")]
        gained += sum(line for line in lines if line is not None)
        assert found.account.equity is not None
        assert gained == found.account.equity - opening_cash - (
            nano(str(moved)) if (some.calendar.day(transfer_at) <= day) else 0
        )
        assert found.unrealised_total is not None
        opening = found.unrealised_total
    assert opening == 0
    assert gained % MICRO == 0


def test_a_total_that_gives_way_to_the_primary_source_posts_nothing() -> None:
    some = Ledger(ledger().calendar, "bid", "csv")
    counted = record(entry("day_total", "100", TODAY, name="a"), source="csv")
    beside = record(entry("day_total", "90", TODAY, name="b"), source="feed")
    single = record(entry("sale", "5", TODAY, name="c"), source="till")
    some.take([counted, beside, single])

    assert [some.posts(one) for one in (counted, beside, single)] == [
        [("revenue", nano("100"))],
        [],
        [("revenue", nano("5"))],
    ]
    assert snapshot_of(some, TODAY).lines["revenue"] == nano("105")


def test_subaccounts_on_opposite_sides_do_not_look_like_an_account_that_keeps_pairs() -> None:
    some = ledger()
    legs = [fill("yes", "10", "0.40", at=START), fill("no", "10", "0.50", at=START, subaccount=1)]
    end = settlement("yes", ("10", "4"), ("10", "5"), revenue=1000, at=START + timedelta(minutes=9))
    some.take([record(end), *(record(leg) for leg in legs)])

    assert "netting_off" not in snapshot_of(some, TODAY).flags


def test_a_settlement_that_pays_for_kept_pairs_is_flagged() -> None:
    pair = [fill("yes", "10", "0.40", at=START), fill("no", "10", "0.50", at=START + timedelta(minutes=1))]
    end = settlement("yes", ("10", "4"), ("10", "5"), revenue=1000, at=START + timedelta(minutes=9))

    for fills_known in (pair, []):
        some = ledger()
        some.take([record(end), *(record(one) for one in fills_known)])
        assert "netting_off" in snapshot_of(some, TODAY).flags
