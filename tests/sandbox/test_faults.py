"""Everything that can go wrong can be made to go wrong."""

import gzip
import time
from collections.abc import Callable

import httpx
import pytest

from pnl.sandbox import (
    GzipBomb,
    Hang,
    HtmlPage,
    HugeBody,
    NanBody,
    RepeatedCursor,
    Reset,
    SlowDrip,
    Status,
    Truncated,
)
from tests.sandbox.worlds import Desk, Frozen, open_desk


def balance(desk: Desk) -> httpx.Response:
    return desk.ask_kalshi("/portfolio/balance")


def test_a_fault_meets_the_next_requests_and_then_is_gone(empty: Desk) -> None:
    empty.faults.lay("kalshi", Status(503), path="/portfolio/balance", times=2)

    assert empty.ask_kalshi("/portfolio/fills").status_code == 200
    assert [balance(empty).status_code for _ in range(3)] == [503, 503, 200]


def test_a_fault_without_a_count_stays_until_it_is_cleared(empty: Desk) -> None:
    empty.faults.lay("kalshi", Status(500))
    broken = [balance(empty).status_code for _ in range(3)]
    empty.faults.clear("kalshi")

    assert broken == [500, 500, 500]
    assert balance(empty).status_code == 200


@pytest.mark.parametrize("code", [401, 403, 429, 500, 502, 503, 504])
def test_each_vendor_fails_in_its_own_words(empty: Desk, code: int) -> None:
    for vendor in ("kalshi", "anthropic", "revenue", "stripe"):
        empty.faults.lay(vendor, Status(code, retry_after="7"), times=1)
    answers = [balance(empty), empty.ask_anthropic("/me"), empty.ask_revenue(), empty.ask_stripe()]

    assert [answer.status_code for answer in answers] == [code] * 4
    assert [answer.headers["retry-after"] for answer in answers] == ["7"] * 4
    if code == 502:
        assert all(answer.text.startswith("<html>") for answer in answers)
    else:
        assert "error" in answers[0].json()
        assert answers[1].json()["type"] == "error"
        assert answers[2].json()["status"] == code
        assert answers[3].json()["error"]["message"]


def test_529_is_anthropic_s_overload(empty: Desk) -> None:
    empty.faults.lay("anthropic", Status(529), times=1)

    response = empty.ask_anthropic("/me")

    assert response.status_code == 529
    assert response.json()["error"]["type"] == "overloaded_error"
    assert "retry-after" not in response.headers


def test_a_hang_lasts_longer_than_patience(empty: Desk) -> None:
    empty.faults.lay("kalshi", Hang(30), times=1)
    empty.http.timeout = httpx.Timeout(0.2)

    with pytest.raises(httpx.ReadTimeout):
        balance(empty)


def test_stopping_ends_what_hangs(clock: Frozen) -> None:
    with open_desk(clock, lively=False) as desk:
        desk.faults.lay("kalshi", Hang(30), times=1)
        desk.http.timeout = httpx.Timeout(0.1)
        with pytest.raises(httpx.ReadTimeout):
            balance(desk)
        started = time.monotonic()

    assert time.monotonic() - started < 3


def test_a_reset_and_a_truncated_body_and_a_page_are_no_answers(empty: Desk) -> None:
    empty.faults.lay("kalshi", Reset(), times=1)
    with pytest.raises(httpx.TransportError):
        balance(empty)
    for fault in (Truncated(), HtmlPage()):
        empty.faults.lay("kalshi", fault, times=1)
        response = balance(empty)
        assert response.status_code == 200
        with pytest.raises(ValueError, match=r"."):
            response.json()


def test_a_slow_drip_tells_the_truth_slowly(empty: Desk) -> None:
    empty.faults.lay("kalshi", SlowDrip(seconds_between=0.02, size=20), times=1)

    slow = balance(empty)

    assert slow.json() == balance(empty).json()
    assert slow.elapsed.total_seconds() > 0.05


def test_numbers_may_be_nan(empty: Desk) -> None:
    empty.faults.lay("kalshi", NanBody(), times=1)

    assert b"NaN" in balance(empty).content


def test_a_small_body_unpacks_to_a_great_one(empty: Desk) -> None:
    empty.faults.lay("kalshi", GzipBomb(unpacked=3_000_000), times=1)

    with empty.http.stream(
        "GET",
        f"{empty.upstreams.kalshi_base_url}/portfolio/balance",
    ) as response:
        packed = b"".join(response.iter_raw())

    assert len(packed) < 10_000
    assert len(gzip.decompress(packed)) > 3_000_000


def test_a_body_may_be_huge(empty: Desk) -> None:
    empty.faults.lay("revenue", HugeBody(size=2_000_000), times=1)

    assert len(empty.ask_revenue().content) > 2_000_000


@pytest.mark.parametrize(
    "ask",
    [
        lambda desk: desk.ask_kalshi("/portfolio/fills", cursor="YWdhaW4").json()["cursor"],
        lambda desk: desk.ask_revenue(cursor="YWdhaW4").json()["next_cursor"],
        lambda desk: desk.ask_anthropic(
            "/cost_report",
            ("starting_at", "2026-10-20T00:00:00Z"),
            ("ending_at", "2026-10-21T00:00:00Z"),
            ("page", "YWdhaW4"),
        ).json()["next_page"],
    ],
    ids=["kalshi", "revenue", "anthropic"],
)
def test_a_cursor_may_lead_to_itself(empty: Desk, ask: Callable[[Desk], str]) -> None:
    for vendor in ("kalshi", "revenue", "anthropic"):
        empty.faults.lay(vendor, RepeatedCursor())

    assert [ask(empty) for _ in range(3)] == ["YWdhaW4"] * 3


def test_a_fill_may_be_missing_while_position_and_balance_have_it(empty: Desk) -> None:
    empty.engine.trade("KXGONE-1", "yes", "10", "0.40", "0")
    hidden = empty.engine.trade("KXGONE-1", "yes", "5", "0.40", "0")
    empty.faults.hide_fill(hidden.id)

    assert len(empty.kalshi("/portfolio/fills")["fills"]) == 1
    assert empty.kalshi("/portfolio/positions")["market_positions"][0]["position_fp"] == "15.00"
    assert empty.kalshi("/portfolio/balance")["balance_dollars"] == "-6.0000"


def test_a_settlement_may_have_no_fills_left(empty: Desk, clock: Frozen) -> None:
    empty.engine.trade("KXOLD-1", "yes", "10", "0.40", "0")
    clock.go(hours=1)
    empty.engine.settle("KXOLD-1", "yes")
    empty.faults.hide_fills_of("KXOLD-1")

    assert empty.kalshi("/portfolio/fills")["fills"] == empty.kalshi("/historical/fills")["fills"] == []
    assert empty.kalshi("/portfolio/settlements")["settlements"][0]["revenue"] == 1000


def test_positions_may_lag_behind_the_fills(empty: Desk, clock: Frozen) -> None:
    empty.engine.trade("KXLAG-1", "yes", "10", "0.40", "0")
    clock.go(seconds=10)
    empty.engine.trade("KXLAG-1", "yes", "5", "0.40", "0")
    empty.faults.position_lag_seconds = 3
    lagging = empty.kalshi("/portfolio/positions")["market_positions"][0]["position_fp"]
    clock.go(seconds=3)

    assert lagging == "10.00"
    assert empty.kalshi("/portfolio/positions")["market_positions"][0]["position_fp"] == "15.00"
