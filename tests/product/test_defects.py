"""Each defect that the checks exist to catch, made by the sandbox and caught by the product."""

from datetime import date
from decimal import Decimal
from pathlib import Path

from tests.product.house import House, ago

D = Decimal


def some_trades(house: House) -> None:
    """Deposit, buy, flip through zero and sell, an hour ago and more."""
    engine = house.engine
    engine.deposit("500", ago(days=2))
    engine.trade("KXAAA-1", "yes", "100", "0.42", at=ago(hours=5))
    engine.quote("KXAAA-1", "0.41", "0.43")
    engine.trade("KXFLIP-1", "no", "7.66", "0.80", at=ago(hours=4))
    engine.trade("KXFLIP-1", "yes", "8", "0.30", "0.1176", at=ago(hours=3))
    engine.quote("KXFLIP-1", "0.29", "0.31")


async def test_a_consistent_account_passes_every_check(house: House) -> None:
    some_trades(house)

    snapshot = await house.tick(2)

    assert house.unwell() == []
    assert snapshot["complete"] is True
    flip = next(row for row in snapshot["positions"] if row["ticker"] == "KXFLIP-1")
    assert (D(flip["position"]), D(flip["exposure"]), D(flip["realised"]), D(flip["total_traded"])) == (
        D("0.34"),
        D("0.102"),
        D("-0.766"),
        D("8.528"),
    )


def of_fills(house: House) -> dict[tuple[str, str], tuple[str, str]]:
    """Return the checks that a missing fill fails: the state of each, and since when."""
    every = [one for name in ("I1_position", "I2_total_traded", "I2_fees") for one in house.checks(name)]
    return {(one["name"], one["scope"]): (one["state"], one["since"]) for one in every}


async def test_a_missing_fill_is_caught_and_never_taken_for_income(house: House) -> None:
    some_trades(house)
    await house.tick(2)

    missing = house.engine.trade("KXAAA-1", "yes", "10", "0.42")
    house.faults.hide_fill(missing.id)
    await house.tick()
    assert house.state("I1_position") == {"ok", "waiting"}

    snapshot = await house.tick(5)
    assert house.state("I1_position") == {"ok", "failed"}
    assert house.state("I5_cash") == {"failed"}
    assert snapshot["checks"]["failed"] >= 2
    assert D(snapshot["lines"]["other_income"]) == 0

    house.faults.hidden_fills.clear()
    await house.tick()
    assert house.unwell() == []


async def test_a_check_that_failed_has_failed_since_then_also_after_a_restart(house: House) -> None:
    some_trades(house)
    await house.tick(2)
    missing = house.engine.trade("KXAAA-1", "yes", "10", "0.42")
    house.faults.hide_fill(missing.id)
    await house.tick(5)
    before = of_fills(house)
    assert "failed" in {state for state, _ in before.values()}

    await house.restart()
    await house.tick(2, seconds=60)

    assert of_fills(house) == before


async def test_what_is_checked_before_kalshi_first_answers_is_kept_from_the_first_snapshot_on(tmp_path: Path) -> None:
    house = House(tmp_path, more={"PNL_KALSHI_BASE_URL": "http://127.0.0.1:1/trade-api/v2"})
    try:
        first = await house.tick()
        before = house.checks()
        then = house.get(f"/api/pnl/checks?as_of={first['as_of']}")["checks"]
        history = house.get("/api/pnl/checks/history")["checks"]
        covered = house.get("/api/pnl/explain?figure=net&at=1")["checks"]

        await house.restart()
        await house.tick(2, seconds=60)
        after = house.checks()
    finally:
        await house.close()

    assert first["checks"]["ok"] == len(before) == len(then) == len(history)
    assert [(one["name"], one["since"]) for one in before] == [(one["name"], one["since"]) for one in then]
    assert [(one["name"], one["since"]) for one in before] == [(one["name"], one["since"]) for one in after]
    assert [one["name"] for one in covered] == ["identity", "api_cost_rows"]


async def test_positions_that_lag_behind_fills_only_make_the_checks_wait(house: House) -> None:
    some_trades(house)
    await house.tick(2)

    house.faults.position_lag_seconds = 5
    house.clock.go(8)
    house.engine.trade("KXAAA-1", "no", "100", "0.45")
    await house.tick(seconds=2)
    assert "failed" not in house.state("I1_position")
    assert "waiting" in house.state("I1_position")

    await house.tick()
    assert house.unwell() == []


async def test_a_credit_without_a_row_becomes_other_income_after_three_clean_readings(house: House) -> None:
    some_trades(house)
    before = await house.tick(2)

    house.engine.credit("1.23")
    await house.tick()
    assert house.state("I5_cash") == {"waiting"}
    await house.tick()
    assert house.state("I5_cash") == {"failed"}
    during = house.checks("I5_cash")[0]
    assert D(during["difference"]) == D("1.23")

    after = await house.tick(2)
    assert D(after["lines"]["other_income"]) == D("1.23")
    assert D(after["net"]) - D(before["net"]) == D("1.23")
    assert house.state("I5_cash") == {"ok"}
    assert [D(check["actual"]) for check in house.checks("I5_credit")] == [D("1.23")]
    assert [D(record["amount"]) for record in house.records("credits")] == [D("1.23")]

    await house.restart()
    again = await house.tick(4)
    assert D(again["lines"]["other_income"]) == D("1.23")
    assert house.state("I5_cash") == {"ok"}


async def test_a_deposit_changes_no_line(house: House) -> None:
    some_trades(house)
    before = await house.tick(2)

    house.engine.deposit("100")
    after = await house.tick(4)

    assert after["lines"] == before["lines"]
    assert D(after["account"]["cash"]) - D(before["account"]["cash"]) == 100
    assert house.unwell() == []


async def test_a_settlement_whose_fills_are_archived_stands_in_for_them(house: House) -> None:
    some_trades(house)
    house.engine.trade("KXOLD-1", "yes", "2", "0.89", "0.0138", at=ago(days=3))
    house.faults.hide_fills_of("KXOLD-1")
    house.engine.settle("KXOLD-1", "yes", ago(hours=1))

    snapshot = await house.tick(3)

    assert ("I4_settlement", "KXOLD-1", "waiting") in house.unwell()
    assert [c["reason"] for c in house.checks("I4_settlement")] == ["history incomplete"]
    assert "from_settlement" in snapshot["flags"]
    settled = next(row for row in house.get("/api/pnl/positions?all=1")["positions"] if row["ticker"] == "KXOLD-1")
    assert D(settled["realised"]) - D(settled["fees"]) == D("0.2062")

    house.faults.hidden_fills_of.clear()
    await house.restart()
    healed = await house.tick(3)
    assert house.unwell() == []
    assert "from_settlement" not in healed["flags"]


async def test_settlements_yes_no_and_scalar_tie_out(house: House) -> None:
    engine = house.engine
    engine.deposit("500", ago(days=2))
    for ticker in ("KXYES-1", "KXNO-1", "KXMID-1"):
        engine.trade(ticker, "yes", "19", "0.50", at=ago(hours=5))
        engine.trade(ticker, "no", "4.14", "0.52", at=ago(hours=4))
    await house.tick(2)

    engine.settle("KXYES-1", "yes")
    engine.settle("KXNO-1", "no")
    engine.settle("KXMID-1", "0.45")
    await house.tick(2)

    assert house.unwell() == []
    paid = {record["id"]: D(record["amount"]) for record in house.records("settlements")}
    assert paid == {"KXYES-1": D("14.86"), "KXNO-1": D(0), "KXMID-1": D("6.68")}
    assert house.get("/api/pnl/positions")["positions"] == []


async def test_an_account_without_netting_is_told_apart(tmp_path: Path) -> None:
    house = House(tmp_path, netting=False)
    house.engine.deposit("500", ago(days=2))
    house.engine.trade("KXBOTH-1", "yes", "25", "0.40", at=ago(hours=5))
    await house.tick(2)

    house.engine.trade("KXBOTH-1", "no", "25", "0.56")
    snapshot = await house.tick(4)
    assert "netting_off" in snapshot["flags"]
    assert house.state("I5_netting") == {"failed"}
    assert D(snapshot["lines"]["other_income"]) == 0

    house.engine.settle("KXBOTH-1", "yes")
    settled = await house.tick(4)
    row = house.get("/api/pnl/positions?all=1")["positions"][0]
    assert D(row["realised"]) == 1
    assert D(settled["lines"]["other_income"]) == 0
    assert house.state("I5_cash") == {"ok"}
    assert "netting_off" in settled["flags"]
    await house.close()


async def test_a_restated_cost_of_a_past_day_is_shown(house: House) -> None:
    for hour in range(4, 60):
        house.engine.spend("claude-sonnet-4-5", at=ago(hours=hour), input=400_000, output=40_000)
    await house.tick(3)
    # The slot schedule reads the past again every six hours.
    house.engine.restate(date(2026, 11, 18), "512.5")
    await house.tick(8, seconds=3600)

    restated = house.checks("api_cost_restated")
    assert [(check["scope"], D(check["difference"])) for check in restated] == [("2026-11-18", D("5.125"))]


async def test_revenue_that_a_source_takes_out_silently_fails_a_check_that_a_start_keeps(house: House) -> None:
    house.engine.sell("inv-1", "1000.00", day=date(2026, 11, 20), at=ago(hours=2))
    house.engine.sell("inv-2", "250.00", day=date(2026, 11, 20), at=ago(hours=1))
    await house.tick(2)
    assert {check["state"] for check in house.checks("revenue_read")} == {"ok"}

    del house.engine.sales.entries["inv-2"]
    await house.tick(2, seconds=6 * 3600)
    (failed,) = [check for check in house.checks("revenue_read") if check["state"] == "failed"]
    assert (failed["scope"], D(failed["expected"]), D(failed["actual"])) == ("revenue.feed", D(1250), D(1000))
    assert failed["reason"].endswith("2026-11-20 by -250.00")

    await house.restart()
    await house.tick()
    again = [check for check in house.checks("revenue_read") if check["state"] == "failed"]
    assert [check["since"] for check in again] == [failed["since"]]


async def test_late_and_corrected_revenue_move_their_own_day(house: House) -> None:
    house.engine.sell("inv-1", "1000.00", day=date(2026, 11, 20), at=ago(hours=2))
    first = await house.tick(2)
    assert D(first["lines"]["revenue"]) == 1000

    house.engine.sell("inv-1", "1250.00", day=date(2026, 11, 20), version=2)
    house.engine.sell("inv-0", "77.00", day=date(2026, 11, 19))
    second = await house.tick(2, seconds=61)

    assert D(second["lines"]["revenue"]) == 1250
    versions = {record["id"]: record["version"] for record in house.records("revenue")}
    assert versions == {"inv-1": 2, "inv-0": 1}


async def test_a_version_conflict_keeps_the_old_value_and_says_so(house: House) -> None:
    house.engine.sell("inv-1", "1000.00", day=date(2026, 11, 20), at=ago(hours=2))
    await house.tick(2)

    house.engine.sell("inv-1", "9999.00", day=date(2026, 11, 20), version=1)
    snapshot = await house.tick(2, seconds=61)

    assert D(snapshot["lines"]["revenue"]) == 1000
    assert snapshot["sources"]["revenue"]["status"] == "cached"
    assert "inv-1" in snapshot["sources"]["revenue"]["error"]
    assert [check["state"] for check in house.checks("record_conflict")] == ["failed"]


async def test_amounts_as_json_numbers_are_refused_by_their_path(house: House) -> None:
    house.engine.sell("inv-1", "1000.00", day=date(2026, 11, 20), at=ago(hours=2))
    house.faults.float_amounts = True

    snapshot = await house.tick(2)

    assert snapshot["lines"]["revenue"] is None
    assert "amount" in snapshot["sources"]["revenue"]["error"]


async def test_stripe_rows_post_to_their_lines(house: House) -> None:
    house.engine.charge(5000, fee=175, at=ago(hours=2))
    house.engine.charge(-2000, category="refund", at=ago(hours=1))
    house.engine.charge(-1500, fee=1500, category="dispute", at=ago(hours=1))
    house.engine.charge(-90_000, category="payout", at=ago(minutes=30))
    house.engine.charge(700, currency="jpy", at=ago(minutes=20))

    snapshot = await house.tick(2)

    lines = {name: D(amount) for name, amount in snapshot["lines"].items() if amount is not None}
    assert (lines["revenue"], lines["refunds"], lines["processor_fees"]) == (D("50"), D("-35"), D("-16.75"))
    assert "unconverted" in snapshot["flags"]
