"""Every check holds in a consistent world, and each defect of a world is caught by the check meant for it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from pnl.domain.checks import Check
from pnl.domain.money import CENT, nano
from pnl.domain.positions import fold
from pnl.domain.records import Fill, Settlement
from tests.domain.strategies import START, entry, fill, record, report, row_of, settlement, transfer
from tests.domain.world import World, ledger, snapshot_of

MARKET_CHECKS = {"I1_position", "I2_total_traded", "I2_fees", "I2_identity", "I3_realised", "I3_exposure"}


def test_a_consistent_world_passes_every_check() -> None:
    world = World()
    world.trade(fill("yes", "100", "0.42", "1.7052"), fill("no", "60", "0.45", "1.0395"), fill("no", "7", "0.33"))
    world.trade(fill("no", "50", "0.30", "0.735", ticker="KXOTHER"))
    world.trade(fill("yes", "10", "0.40", ticker="KXDONE"))
    world.settle(settlement("yes", ("10", "4"), revenue=1000, ticker="KXDONE"))
    world.deposit("250", "d1")
    world.deposit("-100", "w1")

    credit = world.read()

    assert credit is None
    assert set(world.states()) == MARKET_CHECKS | {"I4_settlement", "I5_cash", "I6_equity"}
    assert set(world.states().values()) == {"ok"}


def test_a_flip_through_zero_passes_every_check() -> None:
    world = World()
    world.trade(fill("no", "7.66", "0.80"), fill("yes", "8", "0.30", "0.1176"))

    world.read()

    assert set(world.states().values()) == {"ok"}
    row = world.rows()["KXTEST"]
    assert (row.realised, row.exposure, row.total_traded) == (nano("-0.766"), nano("0.102"), nano("8.528"))


def test_a_missing_fill_is_caught_and_its_cash_is_no_income() -> None:
    world = World()
    world.trade(fill("yes", "10", "0.40", "0.17"))
    world.trade(fill("yes", "5", "0.44", "0.09"), told=False)

    confirmed = [world.read() for _ in range(6)]

    assert confirmed == [None] * 6
    failed = {name for name, state in world.states().items() if state == "failed"}
    assert failed == {"I1_position", "I2_total_traded", "I2_fees", "I3_exposure", "I5_cash", "I6_equity"}
    assert world.income() == 0
    assert world.checks()["I5_cash"].actual - world.checks()["I5_cash"].expected == nano("-2.29")


def test_a_missing_fill_heals_when_it_is_found() -> None:
    world = World()
    lost = fill("yes", "5", "0.44", "0.09")
    world.trade(lost, told=False)
    world.read()
    world.read()

    world.tell(lost)
    world.read()

    assert set(world.states().values()) == {"ok"}


def test_a_missing_round_trip_leaves_the_contracts_alike_and_is_still_no_income() -> None:
    world = World()
    world.trade(fill("yes", "10", "0.40", "0.17"))
    world.trade(fill("yes", "5", "0.40"), fill("no", "5", "0.50"), told=False)

    confirmed = [world.read() for _ in range(6)]

    assert confirmed == [None] * 6
    states = world.states()
    assert (states["I1_position"], states["I2_total_traded"]) == ("ok", "failed")
    assert (states["I2_identity"], states["I3_realised"]) == ("failed", "failed")
    assert (world.income(), states["I5_cash"]) == (0, "failed")


def test_a_lagging_position_waits_once_and_then_agrees() -> None:
    world = World()
    world.trade(fill("yes", "10", "0.40"))
    before = world.rows()
    world.trade(fill("yes", "10", "0.41"))

    world.read(before)
    assert world.states()["I1_position"] == "waiting"
    assert "failed" not in world.states().values()

    world.read()
    assert set(world.states().values()) == {"ok"}


def test_a_position_that_keeps_lagging_fails_at_the_second_reading() -> None:
    world = World()
    world.trade(fill("yes", "10", "0.40"))
    before = world.rows()
    world.trade(fill("yes", "10", "0.41"))

    world.read(before)
    world.read(before)

    assert world.states()["I1_position"] == "failed"


def test_a_position_that_the_source_does_not_list_is_held_against_nothing() -> None:
    world = World()
    world.trade(fill("yes", "10", "0.40", "0.17"))

    world.read({})
    world.read({})

    check = world.checks()["I1_position"]
    assert (check.state, check.expected, check.actual) == ("failed", 1000, 0)


def test_a_market_of_which_we_know_nothing_is_caught() -> None:
    world = World()
    world.trade(fill("yes", "10", "0.40", "0.17"), told=False)

    world.read()
    world.read()

    check = world.checks()["I1_position"]
    assert (check.state, check.expected, check.actual) == ("failed", 0, 1000)


def test_a_credit_without_a_row_is_posted_after_three_clean_readings() -> None:
    world = World()
    world.trade(fill("yes", "10", "0.40", "0.17"))
    world.read()
    world.cash += nano("3.21")
    seen = world.now + timedelta(seconds=10)

    assert world.read() is None
    assert world.states()["I5_cash"] == "waiting"
    assert world.read() is None
    assert world.states()["I5_cash"] == "failed"
    assert world.income() == 0
    credit = world.read()

    assert credit is not None
    assert (credit.amount, credit.at, credit.label) == (nano("3.21"), seen, "unattributed credit")
    assert world.income() == nano("3.21")
    assert world.read() is None
    assert (world.states()["I5_cash"], world.states()["I6_equity"]) == ("ok", "ok")
    listed = world.checks()["I5_credit"]
    assert (listed.scope, listed.actual, listed.state) == (credit.id, nano("3.21"), "waiting")


def test_a_second_credit_is_told_apart_from_the_first() -> None:
    world = World()
    for amount in ("3.21", "0.79"):
        world.cash += nano(amount)
        for _ in range(4):
            world.read()

    assert world.income() == nano("4")
    assert len(world.ledger.cash.credits) == 2


def test_readings_in_motion_wait_and_count_for_nothing() -> None:
    world = World()
    world.trade(fill("yes", "10", "0.40"))
    world.trade(fill("yes", "5", "0.40"), told=False)

    for _ in range(4):
        assert world.read(in_motion=True) is None

    waiting = {name for name, state in world.states().items() if state == "waiting"}
    assert waiting == {"I1_position", "I2_total_traded", "I3_exposure", "I5_cash", "I6_equity"}
    assert "failed" not in world.states().values()
    world.read()
    assert {world.states()[name] for name in waiting} == {"waiting"}
    world.read()
    assert {world.states()[name] for name in waiting} == {"failed"}


def test_three_clean_readings_are_three_in_a_row() -> None:
    world = World()
    world.cash += nano("3.21")

    assert [world.read(), world.read(), world.read(in_motion=True), world.read(), world.read()] == [None] * 5
    assert world.read() is not None


def test_a_residual_that_changes_is_counted_anew() -> None:
    world = World()
    world.cash += nano("3")
    assert [world.read(), world.read()] == [None, None]
    world.cash += nano("1")

    assert [world.read(), world.read()] == [None, None]
    credit = world.read()

    assert credit is not None
    assert credit.amount == nano("4")


def test_while_the_history_is_read_in_everything_waits() -> None:
    world = World()
    world.trade(fill("yes", "10", "0.40"), told=False)

    for _ in range(4):
        assert world.read(backfilled=False) is None

    assert "failed" not in world.states().values()
    assert world.states()["I1_position"] == "waiting"
    assert world.states()["I5_cash"] == "waiting"


def test_a_settlement_whose_fills_are_archived_waits_for_them() -> None:
    world = World()
    world.settle(settlement("yes", ("2", "1.78"), revenue=200, fee="0.0138"))

    for _ in range(4):
        assert world.read() is None

    check = world.checks()["I4_settlement"]
    assert (check.state, check.waiting) == ("waiting", "history incomplete")
    assert (world.states()["I5_cash"], world.states()["I6_equity"]) == ("ok", "ok")


GOOD = settlement("yes", ("10", "4"), revenue=1000, fee="0.17")


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        (replace(GOOD, revenue=900 * CENT), "payout"),
        (replace(GOOD, fee=nano("0.18")), "fees"),
        (replace(GOOD, yes_cost=nano("4.01")), "cost of YES"),
        (replace(GOOD, yes_count=900), "contracts bought"),
        (replace(GOOD, no_cost=nano("1")), "cost of NO"),
        (replace(GOOD, result="no"), "payout"),
    ],
)
def test_a_settlement_that_contradicts_its_fills_fails(wrong: Settlement, what: str) -> None:
    world = World()
    world.trade(fill("yes", "10", "0.40", "0.17"))
    world.settle(wrong)

    world.read()

    check = world.checks()["I4_settlement"]
    assert check.state == "failed"
    assert check.reason is not None
    assert check.reason.startswith(what)


@pytest.mark.parametrize(
    ("fills", "row"),
    [
        ([fill("yes", "10", "0.40", "0.17")], GOOD),
        ([fill("yes", "10", "0.40", "0.17")], replace(GOOD, result="no", revenue=0)),
        ([fill("no", "4", "0.98")], settlement("no", no=("4", "3.92"), revenue=400)),
        (
            [fill("yes", "2", "0.006"), fill("no", "2", "0.80")],
            settlement("no", ("2", "0.012"), ("2", "1.60"), revenue=0),
        ),
        ([fill("yes", "1", "0.97")], settlement("scalar", ("1", "0.97"), revenue=50, value=50)),
        (
            [fill("yes", "19", "0.50"), fill("no", "18.86", "0.50")],
            settlement("scalar", ("19", "9.50"), ("18.86", "9.43"), revenue=6, value=45),
        ),
        (
            [fill("no", "7.66", "0.80"), fill("yes", "8", "0.30")],
            settlement("yes", ("8", "2.4"), ("7.66", "6.128"), revenue=34),
        ),
    ],
)
def test_a_settlement_that_agrees_with_its_fills_passes(fills: list[Fill], row: Settlement) -> None:
    world = World()
    world.trade(*fills)
    world.settle(row)

    world.read()

    assert set(world.states().values()) == {"ok"}
    market = world.ledger.book.markets["KXTEST"]
    assert world.cash == nano("1000") + market.position.realised - market.position.fees


def test_a_missing_fill_is_no_income_after_its_market_settled_either() -> None:
    world = World()
    lost = fill("yes", "5", "0.44", "0.09")
    world.trade(fill("yes", "10", "0.40", "0.17"))
    world.trade(lost, told=False)
    world.settle(settlement("yes", ("15", "6.20"), revenue=1500, fee="0.26"))

    assert [world.read() for _ in range(5)] == [None] * 5
    assert (world.income(), world.states()["I5_cash"], world.states()["I4_settlement"]) == (0, "failed", "waiting")

    world.tell(lost)
    world.read()
    assert set(world.states().values()) == {"ok"}


def test_a_payout_that_contradicts_its_row_is_no_income() -> None:
    world = World()
    world.trade(fill("yes", "10", "0.40"))
    world.settle(settlement("yes", ("10", "4"), revenue=900))
    world.cash += nano("1")

    assert [world.read() for _ in range(5)] == [None] * 5
    assert (world.income(), world.states()["I4_settlement"]) == (0, "failed")


def kept_apart() -> World:
    """Return a world in which an account with netting off bought both sides."""
    world = World()
    world.tell(fill("yes", "25", "0.40"), fill("no", "25", "0.56"))
    world.cash -= nano("24")
    return world


def test_an_account_that_keeps_pairs_is_named_and_gets_no_credit() -> None:
    world = kept_apart()
    rows = {"KXTEST": row_of(world.ledger.book.markets["KXTEST"].position)}

    confirmed = [world.read(rows) for _ in range(5)]

    assert confirmed == [None] * 5
    assert world.states()["I5_netting"] == "failed"
    assert (world.states()["I5_cash"], world.states()["I6_equity"]) == ("ok", "ok")
    assert "netting_off" in snapshot_of(world.ledger, START.date()).flags


def test_the_settlement_of_an_account_that_keeps_pairs_explains_its_cash() -> None:
    world = kept_apart()
    world.settle(settlement("yes", ("25", "10"), ("25", "14"), revenue=2500))

    world.read()

    assert set(world.states().values()) == {"ok"}
    assert world.ledger.book.markets["KXTEST"].position.realised == nano("1")


def test_subaccounts_on_opposite_sides_are_no_pairs() -> None:
    world = World()
    legs = fill("yes", "10", "0.40"), fill("no", "10", "0.50", subaccount=1)
    world.tell(*legs)
    world.cash -= nano("9")
    both = fold(legs[:1]).plus(fold(legs[1:]))

    world.read({"KXTEST": row_of(both)})

    assert set(world.states().values()) == {"ok"}


def test_a_deposit_that_is_not_listed_yet_is_no_income_at_the_first_reading() -> None:
    world = World()
    world.cash += nano("100")
    world.read()
    assert world.states()["I5_cash"] == "waiting"

    world.tell(transfer("100", at=world.now))
    world.read()

    assert world.states()["I5_cash"] == "ok"
    assert world.income() == 0


def test_a_check_says_since_when_it_is_as_it_is() -> None:
    world = World()
    world.trade(fill("yes", "10", "0.40", "0.17"))
    world.read()
    reconciliation = world.ledger.reconciliation
    reconciliation.settle(world.at(10))
    world.read({})
    reconciliation.settle(world.at(20))
    world.read({})
    reconciliation.settle(world.at(30))
    world.read({})

    assert reconciliation.settle(world.at(40))[1] == 4
    first = reconciliation.to_json()[0]
    assert isinstance(first, dict)
    assert first == {
        "name": "I1_position",
        "scope": "KXTEST",
        "expected": "10.00",
        "actual": "0.00",
        "difference": "-10.00",
        "tolerance": "0.00",
        "state": "failed",
        "since": f"{world.at(30):%Y-%m-%dT%H:%M:%S}.000Z",
        "reason": "fills are missing, or positions lag behind fills",
    }


def test_the_difference_is_what_they_say_less_what_we_say() -> None:
    check = Check("I5_cash", "account", nano("10"), nano("12.5"), nano("0.01"))

    found = check.to_json(START)

    assert (found["difference"], found["tolerance"], found["state"]) == ("2.50", "0.01", "failed")


def test_two_sources_with_one_id_fail_a_check() -> None:

    world = World()
    one = entry("sale", "100", START.date(), name="inv-7")
    world.ledger.take([record(one, source="stripe"), record(one, source="feed")])

    snapshot = snapshot_of(world.ledger, START.date())

    assert snapshot.checks_failed == 1
    assert world.states()["revenue_clash"] == "failed"


def test_nothing_is_checked_before_the_first_balance() -> None:

    some = ledger()

    assert some.report(report(nano("5"), at=START)) is None
    assert list(some.reconciliation.checks()) == []


def test_a_failure_that_went_away_and_comes_again_is_dated_anew() -> None:
    world = World()
    reconciliation = world.ledger.reconciliation
    failing = Check("record_conflict", "feed inv-7", 0, 100, reason="other content", counts=True)
    dates = []
    for second, found in ((10, [failing]), (20, [failing]), (30, []), (40, [failing]), (50, [failing])):
        reconciliation.also(found, [])
        reconciliation.settle(world.at(second))
        dates += [check["since"] for check in reconciliation.to_json() if isinstance(check, dict)]

    first, again = (f"{world.at(second):%Y-%m-%dT%H:%M:%S}.000Z" for second in (10, 40))
    assert dates == [first, first, again, again]


def test_a_market_that_was_closed_and_opened_again_is_dated_anew() -> None:
    world = World()
    reconciliation = world.ledger.reconciliation

    def since() -> object:
        found = {check["name"]: check["since"] for check in reconciliation.to_json() if isinstance(check, dict)}
        return found.get("I1_position")

    world.trade(fill("yes", "10", "0.40"))
    world.read()
    reconciliation.settle(world.at(10))
    first = since()
    world.trade(fill("no", "10", "0.50"))
    world.read({})
    reconciliation.settle(world.at(20))
    closed = since()
    world.trade(fill("yes", "3", "0.40"))
    world.read()
    reconciliation.settle(world.at(30))

    assert (first, closed, since()) == ("2026-11-02T15:00:10.000Z", None, "2026-11-02T15:00:30.000Z")


def test_a_clash_is_counted_as_one() -> None:
    world = World()
    one = entry("sale", "100", START.date(), name="inv-7")
    world.ledger.take([record(one, source="stripe"), record(one, source="feed")])
    snapshot_of(world.ledger, START.date())

    (found,) = (check for check in world.ledger.reconciliation.checks() if check.name == "revenue_clash")

    assert (found.to_json(START)["expected"], found.to_json(START)["actual"]) == ("0.00", "1.00")
