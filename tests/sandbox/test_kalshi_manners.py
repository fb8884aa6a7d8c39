"""Kalshi's keys, pages, filters and errors, as they are on the wire."""

import base64
from datetime import timedelta
from email.utils import parsedate_to_datetime

import httpx
import pytest

from tests.sandbox.worlds import EPOCH, Desk, Frozen, open_desk

PREFIX = "/trade-api/v2"


def refused(response: httpx.Response) -> tuple[int, str, str | None]:
    error = response.json()["error"]
    return response.status_code, error["code"], error.get("details")


@pytest.mark.parametrize("rsa", [False, True], ids=["Ed25519", "RSA"])
def test_both_kinds_of_key_sign(clock: Frozen, rsa: bool) -> None:
    with open_desk(clock, lively=False, rsa=rsa) as desk:
        assert desk.ask_kalshi("/portfolio/balance").status_code == 200


def test_the_query_is_not_signed_and_the_prefix_is(empty: Desk) -> None:
    url = f"{empty.upstreams.kalshi_base_url}/portfolio/fills?limit=5"

    good = empty.http.get(url, headers=empty.signed(f"{PREFIX}/portfolio/fills"))
    with_query = empty.http.get(url, headers=empty.signed(f"{PREFIX}/portfolio/fills?limit=5"))
    without_prefix = empty.http.get(url, headers=empty.signed("/portfolio/fills"))

    assert good.status_code == 200
    wrong = (401, "authentication_error", "INCORRECT_API_KEY_SIGNATURE")
    assert refused(with_query) == refused(without_prefix) == wrong


def test_an_unknown_key_a_missing_header_and_a_garbled_signature_are_told_apart(empty: Desk) -> None:
    url, path = f"{empty.upstreams.kalshi_base_url}/portfolio/balance", f"{PREFIX}/portfolio/balance"
    good = empty.signed(path)

    unknown = empty.http.get(url, headers=good | {"KALSHI-ACCESS-KEY": "6d1f0c2a-0000-4000-8000-000000000000"})
    missing = empty.http.get(url, headers={"KALSHI-ACCESS-KEY": empty.upstreams.kalshi_key_id})
    garbled = empty.http.get(url, headers=good | {"KALSHI-ACCESS-SIGNATURE": base64.b64encode(b"no").decode()})

    assert refused(unknown) == (401, "authentication_error", "NOT_FOUND")
    assert refused(missing) == (401, "signature_is_missing_from_headers", None)
    assert refused(garbled) == (401, "authentication_error", "INCORRECT_API_KEY_SIGNATURE")


@pytest.mark.parametrize(("off_seconds", "status"), [(-19, 200), (19, 200), (-21, 401), (21, 401)])
def test_a_timestamp_beyond_the_window_has_expired(empty: Desk, off_seconds: float, status: int) -> None:
    path = "/portfolio/balance"

    response = empty.http.get(
        f"{empty.upstreams.kalshi_base_url}{path}", headers=empty.signed(f"{PREFIX}{path}", off_seconds=off_seconds)
    )

    assert response.status_code == status
    if status == 401:
        assert refused(response)[1] == "header_timestamp_expired"


def test_market_data_and_the_status_need_no_key(empty: Desk) -> None:
    for path in ("/exchange/status", "/exchange/user_data_timestamp", "/markets", "/events"):
        assert empty.http.get(f"{empty.upstreams.kalshi_base_url}{path}").status_code == 200


def test_the_date_header_tells_the_exchange_s_time(empty: Desk, clock: Frozen) -> None:
    response = empty.ask_kalshi("/portfolio/balance")

    assert parsedate_to_datetime(response.headers["Date"]) == clock.at


def test_an_empty_bucket_answers_429_with_a_string_and_no_retry_after(empty: Desk) -> None:
    empty.faults.read_bucket = (0, 20)

    answers = [empty.ask_kalshi("/portfolio/balance") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1].json() == {"error": "too many requests"}
    assert "retry-after" not in answers[-1].headers


def test_a_limit_above_the_most_is_refused_never_clamped(empty: Desk) -> None:
    for path, most in (("/portfolio/fills", 1000), ("/portfolio/deposits", 500), ("/events", 200)):
        response = empty.ask_kalshi(path, limit=most + 1)

        assert response.status_code == 400
        assert "failed on the 'lte' tag" in response.json()["msg"]


def test_pages_walk_the_whole_list_newest_first_and_end_with_an_empty_cursor(month: Desk) -> None:
    whole = month.kalshi("/portfolio/fills", limit=1000)
    ids = [row["fill_id"] for row in month.every("/portfolio/fills", "fills", limit=170)]
    times = [row["created_time"] for row in whole["fills"]]

    assert ids[:1000] == [row["fill_id"] for row in whole["fills"]]
    assert len(ids) == len(set(ids)) > 1000
    assert [time[:19] for time in times] == sorted((time[:19] for time in times), reverse=True)


def test_a_garbage_cursor_is_silently_the_first_page(month: Desk) -> None:
    first = month.kalshi("/portfolio/fills", limit=3)
    settlements = month.kalshi("/portfolio/settlements", limit=3)

    assert month.kalshi("/portfolio/fills", limit=3, cursor="garbage") == first
    assert month.kalshi("/portfolio/fills", limit=3, cursor=settlements["cursor"]) == first


def test_rows_that_arrive_between_pages_move_nothing(empty: Desk, clock: Frozen) -> None:
    old = []
    for _ in range(6):
        clock.go(seconds=1)
        old.append(empty.engine.trade("KXPAGE-1", "yes", "1", "0.5", "0").id)
    first = empty.kalshi("/portfolio/fills", limit=3)
    clock.go(seconds=1)
    empty.engine.trade("KXPAGE-1", "yes", "1", "0.5", "0")

    second = empty.kalshi("/portfolio/fills", limit=3, cursor=first["cursor"])

    assert [row["fill_id"] for row in first["fills"] + second["fills"]] == old[::-1]
    assert second["cursor"] == ""


def test_a_cursor_of_positions_is_bound_to_its_settlement_status(month: Desk) -> None:
    first = month.kalshi("/portfolio/positions", limit=2, settlement_status="all")

    other = month.kalshi("/portfolio/positions", limit=2, settlement_status="settled", cursor=first["cursor"])

    assert other == month.kalshi("/portfolio/positions", limit=2, settlement_status="settled")


def test_the_defaults_for_subaccounts_differ(empty: Desk) -> None:
    empty.engine.trade("KXSUB-1", "yes", "5", "0.5", "0")
    empty.engine.trade("KXSUB-2", "yes", "7", "0.5", "0", subaccount=3)

    assert len(empty.kalshi("/portfolio/fills")["fills"]) == 2
    assert len(empty.kalshi("/portfolio/orders")["orders"]) == 2
    assert [row["ticker"] for row in empty.kalshi("/portfolio/positions")["market_positions"]] == ["KXSUB-1"]
    assert empty.kalshi("/portfolio/balance")["balance_dollars"] == "-2.5000"
    assert [r["ticker"] for r in empty.kalshi("/portfolio/positions", subaccount=3)["market_positions"]] == ["KXSUB-2"]
    assert len(empty.kalshi("/portfolio/fills", subaccount=3)["fills"]) == 1


def test_fills_filter_by_time_and_by_several_tickers(empty: Desk, clock: Frozen) -> None:
    for ticker in ("KXA-1", "KXB-1", "KXC-1"):
        empty.engine.trade(ticker, "yes", "1", "0.5", "0")
        clock.go(seconds=10)
    start = int(EPOCH.timestamp())

    since = empty.kalshi("/portfolio/fills", min_ts=start + 10)["fills"]
    between = empty.kalshi("/portfolio/fills", min_ts=start, max_ts=start + 10)["fills"]
    named = empty.kalshi("/portfolio/fills", ticker="KXA-1,KXC-1")["fills"]

    assert [row["ticker"] for row in since] == ["KXC-1", "KXB-1"]
    assert [row["ticker"] for row in between] == ["KXB-1", "KXA-1"]
    assert [row["ticker"] for row in named] == ["KXC-1", "KXA-1"]


def test_the_deprecated_words_lie(empty: Desk, clock: Frozen) -> None:
    empty.engine.trade("KXLIE-1", "yes", "10", "0.40", "0")
    clock.go(seconds=1)
    empty.engine.trade("KXLIE-1", "no", "10", "0.55", "0")

    sold, bought = empty.kalshi("/portfolio/fills")["fills"]

    assert (bought["action"], bought["side"], bought["outcome_side"], bought["book_side"]) == (
        "buy",
        "yes",
        "yes",
        "bid",
    )
    assert (sold["action"], sold["side"], sold["outcome_side"], sold["book_side"]) == ("sell", "no", "no", "ask")
    assert (sold["yes_price_dollars"], sold["no_price_dollars"]) == ("0.4500", "0.5500")


def test_a_flat_position_stays_listed_until_its_event_settles(empty: Desk, clock: Frozen) -> None:
    empty.engine.trade("KXFLAT-1", "yes", "10", "0.40", "0")
    empty.engine.trade("KXFLAT-1", "no", "10", "0.50", "0")
    listed = empty.kalshi("/portfolio/positions")["market_positions"]
    filtered = empty.kalshi("/portfolio/positions", count_filter="position")["market_positions"]
    clock.go(hours=1)
    empty.engine.settle("KXFLAT-1", "no")

    assert [row["position_fp"] for row in listed] == ["0.00"]
    assert filtered == []
    assert empty.kalshi("/portfolio/positions")["market_positions"] == []
    assert len(empty.kalshi("/portfolio/positions", settlement_status="settled")["market_positions"]) == 1


def test_markets_go_from_open_to_determined_to_settled(empty: Desk, clock: Frozen) -> None:
    empty.engine.quote("KXLIFE-1", "0.40", None)
    empty.engine.settle("KXLIFE-1", "yes", at=EPOCH + timedelta(hours=2), determined_at=EPOCH + timedelta(hours=1))
    seen = []
    for _ in range(3):
        row = empty.kalshi("/markets", tickers="KXLIFE-1,KXOTHER-1")["markets"][0]
        seen.append(
            (row["status"], row["yes_bid_dollars"], row["yes_ask_dollars"], row.get("settlement_value_dollars"))
        )
        clock.go(hours=1)

    assert seen == [
        ("active", "0.4000", "1.0000", None),
        ("determined", "0.0000", "1.0000", "1.0000"),
        ("finalized", "0.0000", "1.0000", "1.0000"),
    ]
    assert len(empty.kalshi("/markets", status="settled")["markets"]) == 1
    assert empty.ask_kalshi("/markets", status="finalized").status_code == 400


def test_old_rows_move_to_the_archive_with_an_overlap_and_settlements_vanish(month: Desk) -> None:
    live = {row["fill_id"] for row in month.every("/portfolio/fills", "fills", limit=1000)}
    old = {row["fill_id"] for row in month.every("/historical/fills", "fills", limit=1000)}
    settled = month.every("/portfolio/settlements", "settlements")
    every = {fill.id for fill in month.engine.account.fills}

    assert live | old == every
    assert live & old
    assert old - live
    assert len(settled) < len(month.engine.account.payouts)
    assert month.every("/historical/positions", "market_positions")
    assert month.every("/historical/markets", "markets")


def test_what_does_not_exist_is_404_with_its_own_body(empty: Desk) -> None:
    response = empty.ask_kalshi("/portfolio/nothing")

    assert response.status_code == 404
    assert response.json() == {"error": {"code": "not_found", "message": "not found", "service": "exchange"}}


def test_a_maintenance_pause_is_a_normal_answer(empty: Desk) -> None:
    empty.faults.trading_paused = True

    body = empty.kalshi("/exchange/status")

    assert (body["exchange_active"], body["trading_active"]) == (True, False)


def test_a_resting_order_is_listed_until_it_is_filled(empty: Desk) -> None:
    order = empty.engine.rest("KXREST-1", "yes", "10", "0.30")
    resting = empty.kalshi("/portfolio/orders", status="resting")["orders"]
    empty.engine.trade("KXREST-1", "yes", "10", "0.30", "0", maker=True, order=order.id)

    assert [row["remaining_count_fp"] for row in resting] == ["10.00"]
    (done,) = empty.kalshi("/portfolio/orders", status="executed")["orders"]
    assert (done["fill_count_fp"], done["maker_fill_cost_dollars"]) == ("10.00", "3.0000")
    assert empty.kalshi("/portfolio/orders", status="resting")["orders"] == []
