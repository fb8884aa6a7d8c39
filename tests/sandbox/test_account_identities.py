"""What the account says of itself can be recomputed from its fills alone."""

from collections import defaultdict
from datetime import timedelta
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from tests.sandbox.worlds import EPOCH, Desk, Frozen, open_desk

D = Decimal


class Sums:
    """The four sums of a market, its fees, and its average-cost position."""

    def __init__(self, fills: list[dict[str, Any]]) -> None:
        self.count = {"yes": D(0), "no": D(0)}
        self.cost = {"yes": D(0), "no": D(0)}
        self.fees = self.q = self.exposure = self.realised = D(0)
        for fill in sorted(fills, key=lambda row: (row["created_time"], row["fill_id"])):
            side = fill["outcome_side"]
            count, price = D(fill["count_fp"]), D(fill[f"{side}_price_dollars"])
            self.count[side] += count
            self.cost[side] += count * price
            self.fees += D(fill["fee_cost"])
            sign = 1 if side == "yes" else -1
            closing = min(count, abs(self.q)) if self.q * sign < 0 else D(0)
            if closing:
                released = (self.exposure * closing / abs(self.q)).quantize(D("0.000001"))
                self.realised += closing * (1 - price) - released
                self.exposure = D(0) if closing == abs(self.q) else self.exposure - released
            self.exposure += (count - closing) * price
            self.q += sign * count

    @property
    def pairs(self) -> Decimal:
        return min(self.count.values())

    @property
    def traded(self) -> Decimal:
        return self.cost["yes"] + self.cost["no"]


def by_ticker(fills: list[dict[str, Any]]) -> dict[str, Sums]:
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for fill in fills:
        rows[fill["ticker"]].append(fill)
    return {ticker: Sums(list_) for ticker, list_ in rows.items()}


def payout(sums: Sums, value: Decimal) -> Decimal:
    won = sums.q * value if sums.q > 0 else -sums.q * (1 - value)
    return (won * 100).to_integral_value(ROUND_FLOOR)


def test_a_month_of_positions_settlements_and_cash_follows_from_the_fills() -> None:
    with open_desk(Frozen(EPOCH + timedelta(days=30, hours=5))) as desk:
        fills = desk.every("/portfolio/fills", "fills", limit=1000)
        sums = by_ticker(fills)
        positions = desk.every("/portfolio/positions", "market_positions", settlement_status="unsettled")
        settlements = desk.every("/portfolio/settlements", "settlements", limit=1000)
        balance = D(desk.kalshi("/portfolio/balance")["balance_dollars"])
        deposits = desk.every("/portfolio/deposits", "deposits")
        withdrawals = desk.every("/portfolio/withdrawals", "withdrawals")
        markets = {row["ticker"]: row for row in desk.every("/markets", "markets", limit=1000)}

    assert len(fills) > 1500
    assert len(positions) >= 5
    for row in positions:
        ours = sums[row["ticker"]]
        assert D(row["position_fp"]) == ours.q == ours.count["yes"] - ours.count["no"]
        assert D(row["total_traded_dollars"]) == ours.traded
        assert D(row["fees_paid_dollars"]) == ours.fees
        assert D(row["market_exposure_dollars"]) == ours.exposure
        assert D(row["realized_pnl_dollars"]) == ours.realised
        exposure = D(row["market_exposure_dollars"])
        assert D(row["realized_pnl_dollars"]) - exposure == ours.pairs - ours.traded
    assert {row["market_result"] for row in settlements} == {"yes", "no", "scalar"}
    for row in settlements:
        ours = sums[row["ticker"]]
        assert (D(row["yes_count_fp"]), D(row["no_count_fp"])) == (ours.count["yes"], ours.count["no"])
        assert D(row["yes_total_cost_dollars"]) == ours.cost["yes"]
        assert D(row["no_total_cost_dollars"]) == ours.cost["no"]
        assert D(row["fee_cost"]) == ours.fees
        assert row["revenue"] == payout(ours, D(markets[row["ticker"]]["settlement_value_dollars"]))
    cash = sum((s.pairs - s.traded - s.fees for s in sums.values()), D(0))
    cash += D(sum(row["revenue"] for row in settlements)) / 100
    cash += D(sum(row["amount_cents"] for row in deposits)) / 100
    cash -= D(sum(row["amount_cents"] for row in withdrawals)) / 100
    assert balance == cash


def test_the_month_trades_like_a_busy_desk(month: Desk) -> None:
    month.engine.advance()
    fills = month.engine.account.fills
    per_order: dict[str, int] = defaultdict(int)
    for fill in fills:
        per_order[fill.order_id] += 1

    assert 60 <= len(fills) / 30 <= 150
    assert max(per_order.values()) >= 4
    assert {fill.is_taker for fill in fills} == {True, False}
    assert any(fill.fee for fill in fills if not fill.is_taker)
    assert {fill.side for fill in fills} == {"yes", "no"}
    assert any(event.mutually_exclusive for event in month.engine.events.values())


def test_average_cost_is_what_a_partial_close_releases(empty: Desk, clock: Frozen) -> None:
    for side, count, price in (("no", "6", ".70"), ("no", "4", ".69"), ("yes", "5", ".32"), ("no", "8", ".67")):
        empty.engine.trade("KXGAS-1", side, count, price, "0")  # type: ignore[arg-type]
        clock.go(seconds=1)
    empty.engine.trade("KXGAS-1", "no", "21", ".83", "0")

    (row,) = empty.kalshi("/portfolio/positions")["market_positions"]

    assert D(row["realized_pnl_dollars"]) == D("-0.08")
    assert D(row["market_exposure_dollars"]) == D("26.27")


def test_a_fill_may_flip_a_position_through_zero(empty: Desk, clock: Frozen) -> None:
    empty.engine.trade("KXMLB-1", "no", "7.66", "0.80", "0", maker=True)
    clock.go(seconds=1)
    empty.engine.trade("KXMLB-1", "yes", "8", "0.30", "0.1176")

    (row,) = empty.kalshi("/portfolio/positions")["market_positions"]

    assert row["position_fp"] == "0.34"
    assert D(row["realized_pnl_dollars"]) == D("-0.766")
    assert D(row["market_exposure_dollars"]) == D("0.102")
    assert D(row["total_traded_dollars"]) == D("8.528")
    assert empty.kalshi("/portfolio/balance")["balance_dollars"] == "-0.9856"


def test_fees_follow_the_schedule(empty: Desk) -> None:
    fill = empty.engine.trade("KXONE-1", "yes", "100", "0.42")

    (row,) = empty.kalshi("/portfolio/fills")["fills"]

    assert row["fill_id"] == fill.id
    assert D(row["fee_cost"]) == D("1.7052")


def test_a_scalar_settlement_pays_whole_cents(empty: Desk, clock: Frozen) -> None:
    empty.engine.trade("KXTIE-1", "yes", "19", "0.5", "0")
    empty.engine.trade("KXTIE-1", "no", "18.86", "0.5", "0")
    clock.go(hours=1)
    empty.engine.settle("KXTIE-1", "0.45")

    (row,) = empty.kalshi("/portfolio/settlements")["settlements"]

    assert (row["market_result"], row["revenue"], row["value"]) == ("scalar", 6, 45)


def test_without_netting_both_sides_stay_and_the_winning_one_is_paid(clock: Frozen) -> None:
    with open_desk(clock, lively=False, netting=False) as desk:
        desk.engine.deposit("100")
        desk.engine.trade("KXLEG-1", "yes", "25", "0.40", "0")
        desk.engine.trade("KXLEG-1", "no", "25", "0.55", "0")
        before = desk.kalshi("/portfolio/balance")["balance_dollars"]
        desk.engine.settle("KXLEG-1", "yes")
        (row,) = desk.kalshi("/portfolio/settlements")["settlements"]
        after = desk.kalshi("/portfolio/balance")["balance_dollars"]

    assert (before, row["revenue"], after) == ("76.2500", 2500, "101.2500")


def test_a_deposit_and_a_credit_move_cash_and_only_one_has_a_row(empty: Desk) -> None:
    empty.engine.deposit("500")
    empty.engine.credit("1.25")

    balance = empty.kalshi("/portfolio/balance")

    assert (balance["balance"], balance["balance_dollars"]) == (50125, "501.2500")
    assert [row["amount_cents"] for row in empty.kalshi("/portfolio/deposits")["deposits"]] == [50000]


def test_a_returned_deposit_takes_its_cash_back(empty: Desk) -> None:
    transfer = empty.engine.deposit("500")
    empty.engine.restate_transfer(transfer, "returned")

    assert empty.kalshi("/portfolio/balance")["balance_dollars"] == "0.0000"
    assert empty.kalshi("/portfolio/deposits")["deposits"][0]["status"] == "returned"


def test_portfolio_value_marks_at_the_exit_bid(empty: Desk) -> None:
    empty.engine.quote("KXBOOK-1", "0.66", "0.69")
    empty.engine.trade("KXBOOK-1", "no", "50", "0.30", "0")

    assert empty.kalshi("/portfolio/balance")["portfolio_value"] == 1550


def test_the_balance_in_cents_is_cut_not_rounded(empty: Desk) -> None:
    empty.engine.deposit("10")
    empty.engine.trade("KXCUT-1", "yes", "1", "0.5", "0.0101")

    balance = empty.kalshi("/portfolio/balance")

    assert (balance["balance"], balance["balance_dollars"]) == (948, "9.4899")


def test_a_fill_told_late_is_folded_in_at_its_place(empty: Desk, clock: Frozen) -> None:
    clock.go(hours=1)
    empty.engine.trade("KXLATE-1", "no", "10", "0.40", "0")
    empty.engine.trade("KXLATE-1", "yes", "10", "0.50", "0", at=clock.at - timedelta(minutes=5))

    (row,) = empty.kalshi("/portfolio/positions")["market_positions"]

    assert (row["position_fp"], D(row["realized_pnl_dollars"])) == ("0.00", D("1"))
    assert empty.kalshi("/portfolio/balance")["balance_dollars"] == "1.0000"


def test_cash_moves_between_subaccounts(empty: Desk) -> None:
    empty.engine.deposit("100")
    empty.engine.move("40", 0, 3)

    balances = empty.kalshi("/portfolio/subaccounts/balances")["subaccount_balances"]
    transfers = empty.kalshi("/portfolio/subaccounts/transfers")["transfers"]

    assert [(row["subaccount_number"], row["balance"]) for row in balances] == [(0, "60.0000"), (3, "40.0000")]
    assert [(row["from_subaccount"], row["to_subaccount"], row["amount_cents"]) for row in transfers] == [(0, 3, 4000)]
