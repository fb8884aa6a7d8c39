"""The revenue feed: what is taken, what is refused and in which words, and what is asked next."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from pnl.domain.money import DOLLAR
from pnl.domain.records import RevenueEntry
from pnl.errors import ConfigError, SourceBroken, SourceBusy, SourceGarbled, SourceRefused, SourceUnreachable
from pnl.ports import Finding
from pnl.sources.revenue.feed import RevenueFeed
from tests.sources.revenue.served import NEW_YORK, MovedClock, Server

INVOICE = {
    "id": "inv-1042",
    "version": 1,
    "date": "2026-11-21",
    "amount": "1250.00",
    "currency": "USD",
    "kind": "sale",
    "status": "settled",
    "updated_at": "2026-11-22T06:00:00Z",
    "description": "Setup",
    "parent_id": None,
}
HEAD = {
    "schema": "revenue-feed/1",
    "as_of": "2026-11-22T06:05:00Z",
    "complete_through": "2026-11-21",
    "time_zone": "America/New_York",
    "has_more": False,
    "next_cursor": None,
}


def feed(
    *pages: dict[str, Any] | httpx.Response, clock: MovedClock | None = None, mapping: dict[str, Any] | None = None
) -> tuple[RevenueFeed, Server]:
    """Make a feed that is served these answers in turn, the last one again and again."""
    left = list(pages)

    def answer(_: httpx.Request) -> httpx.Response:
        page = left.pop(0) if len(left) > 1 else left[0]
        return page if isinstance(page, httpx.Response) else httpx.Response(200, json=page)

    server, clock = Server(answer), clock or MovedClock()
    http = server.http("revenue.feed", clock)
    return RevenueFeed(http, "a-secret-token", clock=clock, time_zone=NEW_YORK, mapping=mapping), server


def page(*entries: dict[str, Any], **head: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return HEAD | {"data": list(entries)} | head


def without(fields: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if key != name}


async def test_an_entry_is_taken_with_its_version_on_its_business_date() -> None:
    source, server = feed(page(INVOICE))

    found = await source.read(None)

    (record,) = found.records
    assert record.fact == RevenueEntry(
        id="inv-1042",
        version=1,
        date=date(2026, 11, 21),
        amount=1250 * DOLLAR,
        fee=0,
        currency="USD",
        kind="sale",
        status="settled",
        description="Setup",
        updated_at=datetime(2026, 11, 22, 6, tzinfo=UTC),
    )
    assert (record.version, record.kind, record.source) == (1, "revenue", "revenue.feed")
    assert record.effective_at == datetime(2026, 11, 21, 5, tzinfo=UTC)
    assert (found.as_of, found.complete_through) == (datetime(2026, 11, 22, 6, 5, tzinfo=UTC), date(2026, 11, 21))
    assert server.seen[0].url == "https://upstream.test/base/entries?limit=200"
    assert server.seen[0].headers["Authorization"] == "Bearer a-secret-token"


async def test_the_smallest_feed_that_a_person_can_write_is_enough() -> None:
    clock = MovedClock()
    entry = {"id": "2026-11-21", "date": "2026-11-21", "amount": "1234.56", "currency": "USD", "kind": "day_total"}
    source, server = feed({"schema": "revenue-feed/1", "data": [entry]}, clock=clock)

    found = await source.read(None)
    await source.read(found.cursor)

    assert isinstance(found.records[0].fact, RevenueEntry)
    assert (found.records[0].fact.kind, found.records[0].fact.amount) == ("day_total", 1_234_560_000_000)
    assert (found.as_of, found.complete_through) == (clock.at, None)
    assert "updated_since" not in server.seen[1].url.params


async def test_the_same_entry_reads_the_same_whenever_it_comes() -> None:
    source, _ = feed(
        page(without(INVOICE, "updated_at")), page(without(INVOICE, "updated_at"), as_of="2026-11-22T09:00:00Z")
    )

    one = await source.read(None)
    other = await source.read(one.cursor)

    assert one.records == other.records


async def test_the_next_reading_begins_two_days_before_the_last_answer() -> None:
    source, server = feed(page(INVOICE))

    found = await source.read(None)
    await source.read(found.cursor)

    assert server.seen[1].url.params["updated_since"] == "2026-11-20T06:05:00Z"


async def test_every_six_hours_and_at_a_start_everything_is_read_again() -> None:
    clock = MovedClock()
    source, server = feed(page(INVOICE), clock=clock)

    first = await source.read(None)
    second = await source.read(first.cursor)
    clock.at += timedelta(hours=6)
    third = await source.read(second.cursor)
    other, started = feed(page(INVOICE), clock=clock)
    fourth = await other.read(third.cursor)

    assert ["updated_since" in asked.url.params for asked in server.seen] == [False, True, False]
    assert "updated_since" not in started.seen[0].url.params
    assert [one.whole_from for one in (first, second, third, fourth)] == [date.min, None, date.min, date.min]


async def test_a_feed_that_has_grown_too_long_to_be_read_whole_is_read_for_what_is_new() -> None:
    clock = MovedClock()
    long = [page(INVOICE, has_more=True, next_cursor=f"c{number}") for number in range(500)]
    source, server = feed(page(INVOICE), *long, page(INVOICE), clock=clock)

    first = await source.read(None)
    clock.at += timedelta(hours=6)
    second = await source.read(first.cursor)

    assert (second.whole_from, len(second.records)) == (None, 1)
    assert server.seen[-1].url.params["updated_since"] == "2026-11-20T06:05:00Z"


async def test_an_unchanged_feed_costs_a_304() -> None:
    answer = httpx.Response(200, json=page(INVOICE), headers={"ETag": '"v1"'})
    source, server = feed(answer, answer, httpx.Response(304))

    first = await source.read(None)
    second = await source.read(first.cursor)
    third = await source.read(second.cursor)

    assert "If-None-Match" not in server.seen[1].headers  # the ETag belongs to another address
    assert server.seen[2].headers["If-None-Match"] == '"v1"'
    assert (third.records, third.cursor) == ((), second.cursor)
    assert (third.as_of, third.complete_through) == (second.as_of, second.complete_through)


async def test_a_304_of_a_live_feed_is_as_of_now_and_of_a_nightly_one_as_of_the_night() -> None:
    clock = MovedClock()
    live = httpx.Response(200, json=page(INVOICE, as_of=clock.at.isoformat()), headers={"ETag": '"v1"'})
    nightly = httpx.Response(200, json=page(INVOICE), headers={"ETag": '"v1"'})
    found = []
    for answer in (live, nightly):
        source, _ = feed(answer, answer, httpx.Response(304), clock=clock)
        cursor = (await source.read((await source.read(None)).cursor)).cursor
        clock.at += timedelta(hours=3)
        found.append((await source.read(cursor)).as_of)
        clock.at -= timedelta(hours=3)

    assert found == [clock.at + timedelta(hours=3), datetime(2026, 11, 22, 6, 5, tzinfo=UTC)]


async def test_a_304_that_nobody_asked_for_is_refused() -> None:
    source, _ = feed(httpx.Response(304))

    with pytest.raises(SourceGarbled, match="did not ask"):
        await source.read(None)


async def test_all_pages_are_read_and_their_etag_is_not_kept() -> None:
    first = httpx.Response(200, json=page(INVOICE, has_more=True, next_cursor="c2"), headers={"ETag": '"1"'})
    source, server = feed(first, page(INVOICE | {"id": "inv-1043"}))

    found = await source.read(None)
    await source.read(found.cursor)

    assert [record.id for record in found.records] == ["inv-1042", "inv-1043"]
    assert server.seen[1].url.params["cursor"] == "c2"
    assert "If-None-Match" not in server.seen[2].headers


async def test_a_bad_page_changes_nothing() -> None:
    source, _ = feed(page(INVOICE, has_more=True, next_cursor="c2"), httpx.Response(200, text="<html>"))

    with pytest.raises(SourceGarbled, match="HTML"):
        await source.read(None)


async def test_an_expired_cursor_begins_again_once() -> None:
    more = page(INVOICE, has_more=True, next_cursor="c2")
    source, _ = feed(more, httpx.Response(410), page(INVOICE))
    twice, _ = feed(more, httpx.Response(410), more, httpx.Response(410))

    assert len((await source.read(None)).records) == 1
    with pytest.raises(SourceBroken, match="expired twice"):
        await twice.read(None)


@pytest.mark.parametrize("cursor", [None, "", 7])
async def test_more_pages_without_a_cursor_are_refused(cursor: object) -> None:
    source, _ = feed(page(INVOICE, has_more=True, next_cursor=cursor))

    with pytest.raises(SourceGarbled, match="next_cursor"):
        await source.read(None)


async def test_a_cursor_that_comes_twice_is_refused() -> None:
    source, _ = feed(page(INVOICE, has_more=True, next_cursor="c2"))

    with pytest.raises(SourceGarbled, match="came twice"):
        await source.read(None)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"amount": 1250.5}, 'data[0]: amount "1250.5": send it in quotes'),
        ({"amount": 1250}, 'data[0]: amount "1250": send it in quotes'),
        ({"amount": "1,250.00"}, 'data[0]: amount "1,250.00": remove the comma'),
        ({"amount": "$5"}, 'amount "$5": remove the symbol'),
        ({"amount": "12,50"}, "use a point for the decimals"),
        ({"amount": "(5.00)"}, "write a minus instead of brackets"),
        ({"amount": "1.255"}, "USD has 2 decimals"),
        ({"amount": "5.5", "currency": "JPY"}, "JPY has 0 decimals"),
        ({"amount": "1e3"}, "write a plain number"),
        ({"amount": "NaN"}, "write a plain number"),
        ({"amount": "٣"}, "write a plain number"),
        ({"amount": "999999999999"}, "beyond what can be kept"),
        ({"amount": None}, "amount is missing"),
        ({"amount": "-5.00"}, "a sale is not below zero; send a refund instead"),
        ({"amount": "5.00", "kind": "refund"}, "a refund is not above zero"),
        ({"currency": "usd"}, "three capital letters"),
        ({"currency": None}, "currency is missing"),
        ({"date": "21.11.2026"}, "send a day as YYYY-MM-DD"),
        ({"date": "2026-02-30"}, "there is no such day"),
        ({"id": ""}, "1 to 128 characters"),
        ({"id": 7}, "1 to 128 characters"),
        ({"kind": "gift"}, "it is one of sale, refund"),
        ({"status": "paid"}, "it is one of pending, settled, void"),
        ({"version": 0}, "a whole number from 1"),
        ({"version": True}, "a whole number from 1"),
        ({"updated_at": "2026-11-22 06:00"}, "a time with its zone"),
        ({"description": 5}, "send a text"),
    ],
)
async def test_a_wrong_field_is_named_with_its_value_and_the_cure(change: dict[str, Any], said: str) -> None:
    source, _ = feed(page(INVOICE | change))

    with pytest.raises(SourceGarbled) as refused:
        await source.read(None)

    assert said in str(refused.value)


async def test_three_decimals_are_taken_where_the_currency_has_them() -> None:
    source, _ = feed(page(INVOICE | {"amount": "1.255", "currency": "KWD"}))

    found = await source.read(None)

    assert isinstance(found.records[0].fact, RevenueEntry)
    assert found.records[0].fact.amount == 1_255_000_000


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"data": []}, "schema is missing"),
        ({"schema": "revenue-feed/2", "data": []}, 'send "revenue-feed/1"'),
        ({"schema": "revenue-feed/1"}, "data is missing"),
        ({"schema": "revenue-feed/1", "data": {}}, "a list of entries"),
        ({"schema": "revenue-feed/1", "data": ["x"]}, "must be an object"),
        ({"schema": "revenue-feed/1", "data": [], "as_of": "yesterday"}, "as_of"),
        ({"schema": "revenue-feed/1", "data": [], "complete_through": "soon"}, "complete_through"),
        ([], "the answer .*send"),
    ],
)
async def test_a_wrong_page_is_refused_in_words(body: Any, said: str) -> None:  # noqa: ANN401 - JSON
    source, _ = feed(httpx.Response(200, json=body))

    with pytest.raises(SourceGarbled, match=said):
        await source.read(None)


async def test_one_version_with_two_contents_is_refused() -> None:
    source, _ = feed(page(INVOICE, INVOICE | {"amount": "1.00"}))

    with pytest.raises(SourceGarbled, match="inv-1042 comes twice as version 1"):
        await source.read(None)


async def test_a_day_total_beside_single_entries_is_refused_and_the_day_is_named() -> None:
    total = {"id": "day", "date": "2026-11-21", "amount": "9.00", "currency": "USD", "kind": "day_total"}
    source, _ = feed(page(INVOICE, total))
    voided, _ = feed(page(INVOICE, total, total | {"version": 2, "status": "void"}))

    with pytest.raises(SourceGarbled, match="2026-11-21 has a day_total and single entries"):
        await source.read(None)
    assert len((await voided.read(None)).records) == 3


async def test_a_feed_that_counts_its_days_elsewhere_says_so() -> None:
    source, _ = feed(page(INVOICE, time_zone="Europe/Berlin"))

    found = await source.read(None)

    assert "Europe/Berlin" in found.facts["time zone"]


async def test_an_answer_from_the_future_is_as_of_now() -> None:
    clock = MovedClock()
    source, _ = feed(page(INVOICE, as_of="2027-01-01T00:00:00Z"), clock=clock)

    assert (await source.read(None)).as_of == clock.at


async def test_a_cursor_that_cannot_be_read_starts_over() -> None:
    source, server = feed(page(INVOICE))

    for cursor in ("", "[]", "x", '{"y": 1}'):
        await source.read(cursor)

    assert all("updated_since" not in request.url.params for request in server.seen)


async def test_the_token_never_shows_in_an_error() -> None:
    source, _ = feed(httpx.Response(401, text="a-secret-token"))

    with pytest.raises(SourceRefused) as refused:
        await source.read(None)

    assert "a-secret-token" not in str(refused.value)


def test_the_wait_after_a_failure_is_what_the_server_asks_for() -> None:
    source, _ = feed(page())

    assert source.wait_after(SourceBusy("revenue.feed", "429", retry_after=17), 1) == 17
    refused = SourceRefused("revenue.feed", "401", status=401)
    assert [source.wait_after(refused, n) for n in (1, 4, 5, 6, 99)] == [15, 15, 30, 60, 300]
    for outage in (SourceUnreachable("revenue.feed", "no"), SourceBroken("revenue.feed", "502")):
        assert [source.wait_after(outage, n) for n in (1, 2, 3, 99)] == [5, 10, 15, 15]
    assert source.wait_after(SourceBroken("revenue.feed", "503", retry_after=120), 1) == 120
    for lasting in (SourceGarbled("revenue.feed", "no JSON"), SourceBusy("revenue.feed", "429")):
        assert [source.wait_after(lasting, n) for n in (1, 2, 9)] == [30, 60, 300]


MAPPING: dict[str, Any] = {
    "path": "/v2/orders",
    "items": "result.rows",
    "fields": {"id": "order_no", "date": "placed.day", "amount": "total_cents"},
    "amount_unit": "minor",
    "constant": {"currency": "USD"},
    "auth": "header:X-Api-Key",
}


async def test_an_api_that_exists_is_read_through_a_mapping() -> None:
    rows = [{"order_no": 77, "placed": {"day": "2026-11-21T10:00:00"}, "total_cents": 123456, "vat": Decimal(1) == 1}]
    source, server = feed({"result": {"rows": rows}}, mapping=MAPPING)

    found = await source.read(None)

    fact = found.records[0].fact
    assert isinstance(fact, RevenueEntry)
    assert (fact.id, fact.date, fact.amount, fact.currency) == ("77", date(2026, 11, 21), 1_234_560_000_000, "USD")
    assert server.seen[0].url == "https://upstream.test/base/v2/orders"
    assert server.seen[0].headers["X-Api-Key"] == "a-secret-token"
    assert "Authorization" not in server.seen[0].headers


async def test_a_mapping_may_turn_the_sign_and_put_the_key_into_the_query() -> None:
    mapping = MAPPING | {
        "sign": "negate",
        "amount_unit": "major",
        "auth": "query:key",
        "constant": {"currency": "USD", "kind": "refund"},
    }
    rows = [{"order_no": "a", "placed": {"day": "2026-11-21"}, "total_cents": 12.5}]
    source, server = feed({"result": {"rows": rows}}, mapping=mapping)

    found = await source.read(None)

    assert isinstance(found.records[0].fact, RevenueEntry)
    assert found.records[0].fact.amount == -12_500_000_000
    assert server.seen[0].url.params["key"] == "a-secret-token"


async def test_a_mapped_amount_that_is_no_number_is_named() -> None:
    rows = [{"order_no": "a", "placed": {"day": "2026-11-21"}, "total_cents": "12.5"}]
    source, _ = feed({"result": {"rows": rows}}, mapping=MAPPING)

    with pytest.raises(SourceGarbled, match=r"result.rows\[0\]: amount .* whole number of minor units"):
        await source.read(None)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"item": "x"}, "item: the keys are"),
        ({"fields": {"id": "x"}}, "fields: date"),
        ({"fields": {"name": "x"}}, "fields: name"),
        ({"fields": 3}, "give names and texts"),
        ({"amount_unit": "cents"}, "major or minor"),
        ({"sign": "plus"}, "as_is or negate"),
        ({"auth": "cookie"}, "bearer, header:NAME or query:NAME"),
        ({"path": "orders"}, "begin it with a slash"),
        ({"items": 1}, "give a text"),
    ],
)
def test_a_mapping_that_makes_no_sense_stops_the_start(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        feed(page(), mapping=MAPPING | change)


async def test_the_check_shows_three_entries_and_the_total() -> None:
    entries = [INVOICE | {"id": f"inv-{number}", "date": "2026-11-21"} for number in range(4)]
    source, _ = feed(page(*entries))
    wrong, _ = feed(page(INVOICE | {"amount": "x"}))

    rows = await source.check()

    said = "4 entries, settled 5000.00 USD, complete through 2026-11-21"
    assert rows[0] == Finding(name="feed", ok=True, text=said)
    assert rows[1] == Finding(name="entry", ok=True, text="inv-0 2026-11-21 1250.00 USD sale settled")
    assert len(rows) == 4
    assert (await wrong.check())[0].ok is False


async def test_the_address_stays_the_same_for_an_hour_so_that_etags_match() -> None:
    clock = MovedClock()
    pages = [page(INVOICE, as_of=(clock.at + timedelta(minutes=m)).isoformat()) for m in (0, 1, 30, 70, 71)]
    source, server = feed(*pages, clock=clock)
    cursor = None
    for _ in range(6):
        cursor = (await source.read(cursor)).cursor

    asked = [request.url.params.get("updated_since") for request in server.seen]
    assert asked == [None, *["2026-11-20T12:00:00Z"] * 3, *["2026-11-20T13:10:00Z"] * 2]
