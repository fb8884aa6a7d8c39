"""The snapshot as everybody is sent it."""

import json
from datetime import UTC, date, datetime

from pnl.domain.money import nano
from pnl.domain.snapshot import LINES, Account, PositionRow, Snapshot, SourceState, instant, money

ROW = PositionRow(
    ticker="KXTEST",
    title="Will it “rain”?",
    position=85_000,
    side="yes",
    average_price=nano("0.61"),
    mark=nano("0.68"),
    mark_source="bid",
    last_price=None,
    value=nano("578"),
    exposure=nano("518.5"),
    unrealised=nano("59.5"),
    realised=0,
    fees=nano("14.18"),
    total_traded=nano("518.5"),
    close_time=datetime(2026, 12, 1, 15, tzinfo=UTC),
    best_case=nano("331.5"),
    worst_case=nano("-518.5"),
    expected=None,
)
KALSHI = SourceState(
    status="live",
    as_of=datetime(2026, 11, 20, 19, 32, 9, 999_999, tzinfo=UTC),
    complete_through=None,
    next_attempt=None,
    error=None,
)
REVENUE = SourceState(
    status="stale", as_of=None, complete_through=date(2026, 11, 19), next_attempt=None, error="no answer"
)


def snapshot(*, rows: tuple[PositionRow, ...] = (ROW,), **lines: int | None) -> Snapshot:
    return Snapshot(
        seq=18204,
        as_of=datetime(2026, 11, 20, 19, 32, 10, 4_000, tzinfo=UTC),
        day=date(2026, 11, 20),
        demo=False,
        finality="estimated",
        lines=dict.fromkeys(LINES, 0) | lines,
        net=nano("-64.130000001"),
        net_realised=None,
        complete=False,
        missing=("revenue",),
        flags=("no_bid",),
        account=Account(
            cash=nano("4120.11"), positions_value=nano("1470"), exposure=nano("1405.1"), equity=nano("5590.11")
        ),
        sources={"kalshi": KALSHI, "anthropic": KALSHI, "revenue": REVENUE},
        checks_ok=11,
        checks_failed=0,
        checks_waiting=1,
        positions=rows,
        unrealised_total=0,
    )


def test_it_has_the_keys_that_everybody_relies_on() -> None:
    found = snapshot().to_json()

    assert set(found) == {
        "schema",
        "seq",
        "as_of",
        "day",
        "demo",
        "finality",
        "line_finality",
        "lines",
        "net",
        "net_realised",
        "complete",
        "missing",
        "flags",
        "account",
        "sources",
        "checks",
        "positions",
    }
    assert found["schema"] == "pnl-snapshot/1"
    assert (found["seq"], found["as_of"], found["day"]) == (18204, "2026-11-20T19:32:10.004Z", "2026-11-20")
    assert found["checks"] == {"ok": 11, "failed": 0, "waiting": 1}
    assert (found["missing"], found["flags"], found["complete"]) == (["revenue"], ["no_bid"], False)


def test_the_lines_are_all_there_in_the_order_of_the_page() -> None:
    found = snapshot(api_cost=nano("-64.130000001"), revenue=None).to_json()["lines"]

    assert isinstance(found, dict)
    assert list(found) == [
        "revenue",
        "refunds",
        "processor_fees",
        "adjustments",
        "api_cost",
        "operating_cost",
        "trading_realised",
        "trading_unrealised",
        "trading_fees",
        "other_income",
    ]
    assert (found["api_cost"], found["revenue"], found["refunds"]) == ("-64.130000001", None, "0")


def test_money_is_a_decimal_string_and_the_unknown_is_null() -> None:
    found = snapshot().to_json()

    assert (found["net"], found["net_realised"]) == ("-64.130000001", None)
    assert found["account"] == {
        "cash": "4120.1100",
        "positions_value": "1470.00",
        "exposure": "1405.10",
        "equity": "5590.1100",
    }


def test_a_row_is_as_documented_with_some_more() -> None:
    found = ROW.to_json()

    assert snapshot().to_json()["positions"] == [found]

    assert found == {
        "ticker": "KXTEST",
        "title": "Will it “rain”?",
        "position": "850.00",
        "side": "yes",
        "average_price": "0.61",
        "mark": "0.68",
        "mark_source": "bid",
        "last_price": None,
        "value": "578.00",
        "exposure": "518.50",
        "unrealised": "59.50",
        "realised": "0",
        "fees": "14.18",
        "total_traded": "518.50",
        "close_time": "2026-12-01T15:00:00.000Z",
        "best_case": "331.50",
        "worst_case": "-518.50",
        "expected": None,
        "settled": False,
        "event": None,
        "exclusive": False,
    }


def test_a_source_says_how_it_is_and_how_far_it_is_complete() -> None:
    found = snapshot().to_json()["sources"]

    assert found == {
        "kalshi": {
            "status": "live",
            "as_of": "2026-11-20T19:32:09Z",
            "complete_through": None,
            "next_attempt": None,
            "error": None,
        },
        "anthropic": KALSHI.to_json(),
        "revenue": {
            "status": "stale",
            "as_of": None,
            "complete_through": "2026-11-19",
            "next_attempt": None,
            "error": "no answer",
        },
    }


def test_the_text_is_the_same_object_whether_there_are_rows_or_not() -> None:
    for one in (snapshot(), snapshot(rows=()), snapshot(rows=(ROW, ROW))):
        assert json.loads(one.text()) == one.to_json()
        assert one.text() is one.text()


def test_no_money_is_ever_a_json_number() -> None:
    def numbers(node: object, path: str = "") -> list[str]:
        if isinstance(node, dict):
            return [found for key, value in node.items() for found in numbers(value, f"{path}/{key}")]
        if isinstance(node, list):
            return [found for value in node for found in numbers(value, path)]
        return [path] if isinstance(node, int | float) and not isinstance(node, bool) else []

    assert numbers(json.loads(snapshot().text())) == ["/seq", "/checks/ok", "/checks/failed", "/checks/waiting"]


def test_nothing_is_zero_and_unknown_is_none() -> None:
    assert (money(0), money(0, 4), money(None), money(1), money(nano("-0.5"), 4)) == (
        "0",
        "0",
        None,
        "0.000000001",
        "-0.5000",
    )
    assert instant(None) is None
