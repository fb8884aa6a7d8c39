"""One reading after another of an account: what is asked, what is found, what is remembered."""

from datetime import timedelta
from itertools import count

import httpx
import pytest

from pnl.domain.money import CENT, DOLLAR
from pnl.domain.records import Fill, Record
from pnl.errors import SourceBroken, SourceBusy, SourceError, SourceGarbled, SourceRefused, SourceRejected
from pnl.ports import Reading, Source
from pnl.sources.kalshi import KalshiSource, PrivateKey
from tests.sources.kalshi.exchange import (
    KEY,
    RSA_KEY,
    START,
    Exchange,
    Row,
    fill_row,
    market_row,
    position_row,
    settlement_row,
    transfer_row,
)


def of_kind(reading: Reading, kind: str) -> list[Record]:
    return [record for record in reading.records if record.kind == kind]


def ids(reading: Reading, kind: str) -> list[str]:
    return sorted(record.id for record in of_kind(reading, kind))


async def read_through(source: KalshiSource) -> list[Reading]:
    """Read until history is caught up; every reading but the last was not."""
    readings = [await source.read(None)]
    while not readings[-1].caught_up:
        assert len(readings) < 30
        readings.append(await source.read(readings[-1].cursor))
    return readings


def trading() -> Exchange:
    exchange = Exchange()
    exchange.fills = [fill_row(1)]
    exchange.positions[0] = [position_row()]
    exchange.markets = {"KXT-1": market_row()}
    exchange.events = [{"event_ticker": "KXT", "title": "Gas price", "mutually_exclusive": True}]
    exchange.historical = []
    return exchange


@pytest.mark.parametrize("key", [KEY, RSA_KEY], ids=["Ed25519", "RSA"])
async def test_a_first_reading_finds_all_that_there_is(key: PrivateKey) -> None:
    exchange = trading()
    exchange.key = key
    exchange.settlements = [settlement_row()]
    exchange.deposits = [transfer_row(1)]
    source: Source = exchange.source()

    reading = await source.read(None)

    assert {record.kind for record in reading.records} == {"fill", "settlement", "transfer", "balance"}
    assert reading.report is not None
    assert reading.report.cash == 100 * DOLLAR
    assert reading.report.positions["KXT-1"].position == -1000
    assert (reading.report.in_motion, reading.report.backfilled, reading.caught_up) == (False, False, False)
    assert [mark.no_bid for mark in reading.marks] == [31 * CENT]
    assert [(market.title, market.mutually_exclusive) for market in reading.markets] == [("Gas price: Above 4", True)]


async def test_history_is_complete_after_the_historical_tier_without_repeats() -> None:
    exchange = trading()
    exchange.historical = [fill_row(1), fill_row(0, START - timedelta(days=90))]

    readings = await read_through(exchange.source())

    assert ids(readings[-1], "fill") == ["f0", "f1"]
    assert readings[-1].report is not None
    assert readings[-1].report.backfilled


async def test_without_a_historical_tier_reading_goes_on() -> None:
    exchange = trading()
    exchange.historical = None

    readings = await read_through(exchange.source())

    assert readings[-1].caught_up
    assert readings[-1].facts["history"] == "no historical tier here"


async def test_a_steady_reading_asks_about_seven_questions() -> None:
    exchange = trading()
    source = exchange.source()
    readings = await read_through(source)
    exchange.clock.pass_by(10)
    exchange.asked.clear()

    reading = await source.read(readings[-1].cursor)

    assert sorted(exchange.asked) == [
        "/markets",
        "/portfolio/balance",
        "/portfolio/fills",
        "/portfolio/fills",
        "/portfolio/positions",
        "/portfolio/settlements",
    ]
    assert reading.facts["calls"] == "6"
    assert not of_kind(reading, "balance")


async def test_a_change_of_cash_asks_for_transfers_at_once() -> None:
    exchange = trading()
    source = exchange.source()
    readings = await read_through(source)
    exchange.clock.pass_by(10)
    exchange.cash[0] = "600.0000"
    exchange.deposits = [transfer_row(1)]

    reading = await source.read(readings[-1].cursor)

    assert ids(reading, "transfer") == ["deposit:t1"]
    assert ids(reading, "balance") == ["balance"]


async def test_a_long_history_is_read_in_parts_and_none_is_lost() -> None:
    exchange = trading()
    exchange.page_rows = 2
    exchange.fills = [fill_row(n, START - timedelta(minutes=n)) for n in range(100)]
    exchange.historical = [fill_row(n, START - timedelta(days=61, minutes=n)) for n in range(95, 140)]

    readings = await read_through(exchange.source())

    found = {record.id for reading in readings for record in of_kind(reading, "fill")}
    assert found == {f"f{n}" for n in range(140)}
    assert [reading.report.backfilled for reading in readings if reading.report] == [False] * (len(readings) - 1) + [
        True
    ]


async def test_reading_goes_on_from_the_cursor_in_another_process() -> None:
    exchange = trading()
    exchange.page_rows = 2
    exchange.fills = [fill_row(n, START - timedelta(minutes=n)) for n in range(100)]
    first = await exchange.source().read(None)

    second = await exchange.source().read(first.cursor)

    assert len(of_kind(first, "fill")) < 40
    assert {f"f{n}" for n in range(30, 50)} <= set(ids(second, "fill"))


async def test_a_cursor_that_cannot_be_read_begins_again() -> None:
    exchange = trading()

    reading = await exchange.source().read('{"version": 0}')

    assert ids(reading, "fill") == ["f1"]


def in_circles(field: str, cursor: str) -> httpx.Response:
    return httpx.Response(200, json={field: [fill_row(1)], "cursor": cursor})


async def test_a_cursor_that_repeats_ends_the_walk() -> None:
    exchange = trading()
    exchange.twists["/portfolio/fills"] = lambda _: in_circles("fills", "again")

    reading = await exchange.source().read(None)

    assert ids(reading, "fill") == ["f1"]
    assert exchange.times_asked("/portfolio/fills") == 3
    assert "without a new row" in reading.facts["pages"]


async def test_new_cursors_over_old_rows_end_the_walk() -> None:
    exchange = trading()
    numbers = count()
    exchange.twists["/portfolio/fills"] = lambda _: in_circles("fills", f"c{next(numbers)}")

    await exchange.source().read(None)

    assert exchange.times_asked("/portfolio/fills") == 3


async def test_empty_pages_in_a_circle_end_the_walk() -> None:
    exchange = trading()
    exchange.twists["/portfolio/fills"] = lambda _: httpx.Response(200, json={"fills": None, "cursor": "same"})

    reading = await exchange.source().read(None)

    assert "its cursor came back" in reading.facts["pages"]


async def test_an_empty_page_with_a_cursor_goes_on_and_a_missing_cursor_ends() -> None:
    exchange = trading()

    def pages(request: httpx.Request) -> httpx.Response:
        if request.url.params.get("limit") == "1" or "cursor" in request.url.params:
            return httpx.Response(200, json={"fills": [fill_row(1)]})
        return httpx.Response(200, json={"fills": [], "cursor": "next"})

    exchange.twists["/portfolio/fills"] = pages

    reading = await exchange.source().read(None)

    assert ids(reading, "fill") == ["f1"]


class Newer:
    """Adds a fill before each last look, `times` times."""

    def __init__(self, exchange: Exchange, times: int) -> None:
        self._exchange, self._left = exchange, times

    def __call__(self, request: httpx.Request) -> None:
        if request.url.params.get("limit") == "1" and self._left:
            self._left -= 1
            self._exchange.fills.insert(0, fill_row(100 + self._left, START + timedelta(seconds=1)))


async def test_a_fill_that_comes_in_between_repeats_the_second_wave() -> None:
    exchange = trading()
    exchange.twists["/portfolio/fills"] = Newer(exchange, 1)

    reading = await exchange.source().read(None)

    assert ids(reading, "fill") == ["f1", "f100"]
    assert exchange.times_asked("/portfolio/balance") == 2
    assert reading.report is not None
    assert not reading.report.in_motion


async def test_an_account_that_keeps_moving_is_in_motion() -> None:
    exchange = trading()
    exchange.twists["/portfolio/fills"] = Newer(exchange, 2)

    reading = await exchange.source().read(None)

    assert reading.report is not None
    assert reading.report.in_motion
    assert exchange.times_asked("/portfolio/balance") == 2


async def test_subaccounts_are_summed_and_their_fills_told_apart() -> None:
    exchange = trading()
    exchange.fills.append(fill_row(1, subaccount_number=2))
    exchange.positions[2] = [position_row(position="4.00")]
    exchange.cash[2] = "0.5000"

    reading = await exchange.source().read(None)

    assert ids(reading, "fill") == ["f1", "f1#2"]
    assert reading.report is not None
    assert reading.report.positions["KXT-1"].position == -600
    assert reading.report.positions["KXT-1"].exposure == 6 * DOLLAR
    assert reading.report.cash == 100 * DOLLAR + 50 * CENT
    assert reading.facts["subaccounts"] == "0, 2"


async def test_one_subaccount_is_asked_for_everywhere_and_moves_count_as_transfers() -> None:
    exchange = trading()
    exchange.cash[3] = "7.0000"
    exchange.moves = [
        {"transfer_id": "m1", "from_subaccount": 0, "to_subaccount": 3, "amount_cents": 500, "created_ts": 1},
        {"transfer_id": "m2", "from_subaccount": 3, "to_subaccount": 1, "amount_cents": 200, "created_ts": 2},
        {"transfer_id": "m3", "from_subaccount": 0, "to_subaccount": 1, "amount_cents": 900, "created_ts": 3},
    ]

    reading = await exchange.source(subaccount=3).read(None)

    amounts = {record.id: getattr(record.fact, "amount", None) for record in of_kind(reading, "transfer")}
    assert amounts == {"subaccount:m1": 5 * DOLLAR, "subaccount:m2": -2 * DOLLAR}
    narrowed = {"/portfolio/fills", "/portfolio/settlements", "/portfolio/positions", "/portfolio/balance"}
    assert all(query["subaccount"] == "3" for path, query in exchange.queries if path in narrowed)
    assert exchange.times_asked("/portfolio/deposits") == 0


@pytest.mark.parametrize(
    "path",
    [
        "/portfolio/deposits",
        "/portfolio/withdrawals",
        "/portfolio/subaccounts/balances",
        "/events",
        "/historical/markets",
    ],
)
@pytest.mark.parametrize("status", [404, 500])
async def test_what_is_not_needed_may_be_missing(path: str, status: int) -> None:
    exchange = trading()
    exchange.markets = {} if path == "/historical/markets" else exchange.markets
    exchange.twists[path] = lambda _: httpx.Response(status, text="<html>")

    reading = await exchange.source().read(None)

    assert ids(reading, "fill") == ["f1"]
    name = {"/portfolio/subaccounts/balances": "subaccounts", "/historical/markets": "historical_markets"}
    assert name.get(path, path.rpartition("/")[2]) in reading.facts
    assert reading.report is not None
    assert reading.report.in_motion == (status == 500 and path in {"/portfolio/deposits", "/portfolio/withdrawals"})


async def test_a_history_that_fails_for_now_is_left_for_later() -> None:
    exchange = trading()
    source = exchange.source()
    first = await source.read(None)
    exchange.twists["/historical/cutoff"] = lambda _: httpx.Response(503)

    second = await source.read(first.cursor)
    del exchange.twists["/historical/cutoff"]
    third = await source.read(second.cursor)

    assert second.report is not None
    assert third.report is not None
    assert (second.caught_up, second.report.backfilled) == (True, False)
    assert (third.caught_up, third.report.backfilled) == (True, True)


@pytest.mark.parametrize(
    "path", ["/portfolio/fills", "/portfolio/settlements", "/portfolio/positions", "/portfolio/balance"]
)
@pytest.mark.parametrize(
    ("response", "error"),
    [
        (httpx.Response(500, text="<html>502</html>"), SourceBroken),
        (httpx.Response(503, json={}), SourceBroken),
        (httpx.Response(429, json={"error": "too many requests"}), SourceBusy),
        (httpx.Response(403, json={"code": "permission_denied"}), SourceRefused),
        (httpx.Response(404, json={"error": {"code": "not_found"}}), SourceRejected),
        (httpx.Response(200, text="<html>"), SourceGarbled),
        (httpx.Response(200, json=[]), SourceGarbled),
        (httpx.Response(200, json={}), SourceGarbled),
    ],
    ids=["500", "503", "429", "403", "404", "html", "list", "empty"],
)
async def test_what_is_needed_fails_the_reading(path: str, response: httpx.Response, error: type[SourceError]) -> None:
    exchange = trading()
    exchange.twists[path] = lambda _: httpx.Response(response.status_code, content=response.content)

    with pytest.raises(SourceError) as caught:
        await exchange.source().read(None)

    assert type(caught.value) is error


async def test_without_quotes_the_reading_counts_and_the_markets_are_asked_again() -> None:
    exchange = trading()
    source = exchange.source()
    exchange.twists["/markets"] = lambda _: httpx.Response(502)

    first = await source.read(None)
    del exchange.twists["/markets"]
    second = await source.read(first.cursor)

    assert first.marks == ()
    assert first.facts["marks"].startswith("no new marks: ")
    assert [mark.ticker for mark in second.marks] == ["KXT-1"]


async def test_one_market_that_cannot_be_read_leaves_the_others() -> None:
    exchange = trading()
    exchange.positions[0].append(position_row("KXT-2"))
    exchange.markets["KXT-2"] = market_row("KXT-2", yes_bid_dollars=0.5)

    reading = await exchange.source().read(None)

    assert [mark.ticker for mark in reading.marks] == ["KXT-1"]
    assert "KXT-2" in reading.facts["marks"]


async def test_a_market_that_is_gone_is_found_in_the_historical_tier() -> None:
    exchange = trading()
    exchange.markets = {}
    exchange.old_markets = {"KXT-1": market_row(status="finalized", result="no")}

    reading = await exchange.source().read(None)

    assert [mark.settlement_value for mark in reading.marks] == [0]


async def test_the_settlement_of_a_market_that_left_the_positions_is_asked_for() -> None:
    exchange = trading()
    exchange.settlements = [settlement_row("KXS-9")]
    source = exchange.source()
    readings = await read_through(source)
    exchange.positions[0] = []
    exchange.settlements.append(settlement_row("KXT-1", START - timedelta(days=9)))
    exchange.clock.pass_by(10)

    third = await source.read(readings[-1].cursor)
    fourth = await source.read(third.cursor)

    assert ids(fourth, "settlement") == ["KXS-9", "KXT-1"]
    assert '"awaited":[]' in fourth.cursor


async def test_a_fill_from_the_future_does_not_hide_the_next_ones() -> None:
    exchange = trading()
    exchange.fills = [fill_row(9, START + timedelta(days=9000)), fill_row(1)]
    source = exchange.source()
    readings = await read_through(source)
    exchange.clock.pass_by(10)
    exchange.fills.insert(0, fill_row(2, START + timedelta(seconds=9)))

    reading = await source.read(readings[-1].cursor)

    assert "f2" in ids(reading, "fill")


async def test_after_days_without_a_reading_the_historical_tier_is_asked_again() -> None:
    exchange = trading()
    source = exchange.source()
    readings = await read_through(source)
    exchange.clock.pass_by(90 * 86_400)
    exchange.historical = [fill_row(5, START + timedelta(days=10))]
    exchange.twists["/historical/cutoff"] = lambda _: httpx.Response(
        200, json={"trades_created_ts": "2027-01-01T00:00:00Z"}
    )

    reading = await source.read(readings[-1].cursor)

    assert "f5" in ids(reading, "fill")


async def test_a_clock_that_is_off_is_told() -> None:
    exchange = trading()
    exchange.twists["/portfolio/balance"] = lambda _: httpx.Response(
        200,
        json={"balance": 1234, "portfolio_value": 0},
        headers={"Date": "Fri, 20 Nov 2026 11:59:00 GMT"},
    )
    exchange.positions[0] = []
    exchange.fills = []

    reading = await exchange.source().read(None)

    assert reading.report is not None
    assert reading.report.cash == 1234 * CENT
    assert "clock_skew_seconds" in reading.facts


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            {"error": {"code": "authentication_error", "details": "INCORRECT_API_KEY_SIGNATURE"}},
            "does not belong to this key",
        ),
        ({"error": {"code": "authentication_error", "details": "NOT_FOUND"}}, "no such key id here"),
        (
            {"error": {"code": "header_timestamp_expired", "message": "header timestamp expired"}},
            "clock: it is 60 s ahead",
        ),
        ({"msg": "whatever"}, "check the key id"),
    ],
)
async def test_a_refusal_tells_a_person_what_to_do(body: Row, words: str) -> None:
    exchange = trading()
    for path in ("/portfolio/fills", "/portfolio/settlements", "/portfolio/deposits", "/portfolio/withdrawals"):
        exchange.twists[path] = lambda _: httpx.Response(
            401, json=body, headers={"Date": "Fri, 20 Nov 2026 11:59:00 GMT"}
        )
    exchange.twists["/portfolio/subaccounts/balances"] = exchange.twists["/portfolio/fills"]

    with pytest.raises(SourceRefused, match=words):
        await exchange.source().read(None)


@pytest.mark.parametrize(
    ("error", "failures", "seconds"),
    [
        (SourceRefused("kalshi", "", status=401), 1, 60.0),
        (SourceRejected("kalshi", "", status=400), 9, 60.0),
        (SourceBusy("kalshi", ""), 1, 0.5),
        (SourceBusy("kalshi", ""), 50, 30.0),
        (SourceBusy("kalshi", "", retry_after=120.0), 1, 120.0),
        (SourceBroken("kalshi", ""), 1, 0.0),
        (SourceBroken("kalshi", ""), 3, 0.0),
        (SourceBroken("kalshi", ""), 5, 10.0),
        (SourceBroken("kalshi", ""), 1000, 15.0),
        (SourceGarbled("kalshi", ""), 1000, 15.0),
    ],
)
def test_waiting_fits_the_failure(error: SourceError, failures: int, seconds: float) -> None:
    assert Exchange().source().wait_after(error, failures) == seconds


async def test_an_examination_says_in_words_what_works() -> None:
    exchange = trading()
    exchange.twists["/portfolio/fills"] = lambda _: httpx.Response(403, json={"code": "permission_denied"})

    findings = {finding.name: finding for finding in await exchange.source().check()}

    assert findings["balance"].text == "the key works: cash $100.00, positions worth $3.10"
    assert not findings["fills"].ok
    assert "scope" in findings["fills"].text
    assert findings["limits"].text.startswith("tier basic: 200 read tokens/s")
    assert findings["clock"].ok


async def test_every_fill_in_a_reading_is_a_fill() -> None:
    reading = await trading().source().read(None)

    assert all(isinstance(record.fact, Fill) for record in of_kind(reading, "fill"))
