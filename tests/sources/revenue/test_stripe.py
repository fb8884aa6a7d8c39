"""Stripe's balance: which category is what, in which currency, and how all of it is read."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest

from pnl.domain.records import RevenueEntry
from pnl.errors import SourceBroken, SourceBusy, SourceGarbled, SourceRefused, SourceUnreachable
from pnl.ports import Reading
from pnl.sources.revenue.stripe import StripeBalance, explain
from tests.sources.revenue.served import NEW_YORK, NOW, MovedClock, Server

CREATED = int(datetime(2026, 11, 22, 3, 0, tzinfo=UTC).timestamp())  # still the 21st in New York


def row(number: int = 0, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {
        "id": f"txn_{number:06d}",
        "object": "balance_transaction",
        "amount": 10_000,
        "fee": 320,
        "net": 9_680,
        "currency": "usd",
        "created": CREATED - number,
        "available_on": CREATED,
        "status": "pending",
        "type": "charge",
        "reporting_category": "charge",
        "source": "ch_1",
        "exchange_rate": 1.25,
        "fee_details": [],
    } | fields


class Stripe:
    """Serves rows, newest first, as Stripe pages them."""

    def __init__(self, *rows: dict[str, Any], key: str = "rk_live_1") -> None:
        self.rows = list(rows)
        self.clock = MovedClock()
        self.server = Server(self.answer)
        http = self.server.http("revenue.stripe", self.clock, explain=explain)
        self.source = StripeBalance(http, key, clock=self.clock, time_zone=NEW_YORK)

    def answer(self, request: httpx.Request) -> httpx.Response:
        query = request.url.params
        rows = [one for one in self.rows if one["created"] >= int(query.get("created[gte]", 0))]
        if "starting_after" in query:
            place = {one["id"]: number for number, one in enumerate(self.rows)}
            rows = [one for one in rows if place[one["id"]] > place[query["starting_after"]]]
        limit = int(query["limit"])
        page = {
            "object": "list",
            "url": "/v1/balance_transactions",
            "has_more": len(rows) > limit,
            "data": rows[:limit],
        }
        return httpx.Response(200, json=page)

    async def entry(self) -> RevenueEntry:
        fact = (await self.source.read(None)).records[0].fact
        assert isinstance(fact, RevenueEntry)
        return fact

    async def all(self) -> list[Reading]:
        """Read until caught up."""
        found = [await self.source.read(None)]
        while not found[-1].caught_up:
            found.append(await self.source.read(found[-1].cursor))
        return found


async def test_a_charge_is_a_sale_and_its_fee_on_the_company_day_of_its_making() -> None:
    stripe = Stripe(row(description="Order 7"))

    found = await stripe.source.read(None)

    (record,) = found.records
    assert record.fact == RevenueEntry(
        id="txn_000000",
        version=1,
        date=date(2026, 11, 21),
        amount=100_000_000_000,
        fee=-3_200_000_000,
        currency="USD",
        kind="sale",
        status="settled",
        description="Order 7",
        parent_id="ch_1",
        occurred_at=datetime(2026, 11, 22, 3, tzinfo=UTC),
    )
    assert record.version is None
    assert record.effective_at == datetime(2026, 11, 22, 3, tzinfo=UTC)
    asked = stripe.server.seen[0]
    assert asked.url.path == "/base/v1/balance_transactions"
    assert (asked.headers["Authorization"], asked.headers["Stripe-Version"]) == (
        "Bearer rk_live_1",
        "2026-10-28.endive",
    )


@pytest.mark.parametrize(
    ("category", "kind"),
    [
        ("refund", "refund"),
        ("partial_capture_reversal", "refund"),
        ("charge_failure", "refund"),
        ("refund_failure", "refund"),
        ("dispute", "chargeback"),
        ("dispute_reversal", "chargeback"),
        ("fee", "fee"),
        ("network_cost", "fee"),
        ("payout", "movement"),
        ("topup_reversal", "movement"),
        ("transfer", "movement"),
        ("issuing_authorization_hold", "movement"),
        ("issuing_authorization_release", "movement"),
        ("financing_paydown", "movement"),
        ("issuing_transaction", "unclassified"),
        ("other_adjustment", "unclassified"),
        ("a_category_of_tomorrow", "unclassified"),
    ],
)
async def test_a_reporting_category_says_what_a_row_is(category: str, kind: str) -> None:
    assert (await Stripe(row(reporting_category=category, type="adjustment")).entry()).kind == kind


@pytest.mark.parametrize(
    ("currency", "nano"),
    [("jpy", 10_000 * 10**9), ("kwd", 10 * 10**9), ("eur", 100 * 10**9), ("ugx", 100 * 10**9), ("mga", 10_000 * 10**9)],
)
async def test_minor_units_are_those_of_the_currency(currency: str, nano: int) -> None:
    assert (await Stripe(row(currency=currency, fee=0)).entry()).amount == nano


async def test_a_row_that_becomes_available_says_the_same() -> None:
    stripe = Stripe(row())
    before = await stripe.entry()
    stripe.rows = [row(status="available", available_on=CREATED + 86_400)]

    assert await stripe.entry() == before


async def test_the_first_reading_is_35_days_and_history_follows_in_slices() -> None:
    old = int((NOW - timedelta(days=60)).timestamp())
    rows = [row(number) for number in range(250)] + [row(number, created=old - number) for number in range(250, 2500)]
    stripe = Stripe(*rows)

    found = await stripe.all()

    ids = [record.id for reading in found for record in reading.records]
    assert sorted(ids) == sorted(one["id"] for one in rows)
    assert len(found) == 4
    assert len(found[0].records) == 250


async def test_an_account_without_recent_rows_is_read_from_its_newest() -> None:
    old = int((NOW - timedelta(days=60)).timestamp())
    stripe = Stripe(*(row(number, created=old - number) for number in range(3)))

    found = await stripe.all()

    assert [record.id for reading in found for record in reading.records] == [one["id"] for one in stripe.rows]


async def test_an_empty_account_is_read_and_done() -> None:
    found = await Stripe().all()

    assert found[-1].caught_up
    assert all(reading.records == () for reading in found)


async def test_a_look_at_35_days_is_whole_from_the_first_full_company_day_of_them() -> None:
    stripe = Stripe(row())

    found = await stripe.all()
    later = await stripe.source.read(found[-1].cursor)

    assert found[0].whole_from == date(2026, 10, 19)
    assert (later.whole_from, found[-1].caught_up) == (None, True)


async def test_later_readings_look_an_hour_back_and_each_hour_35_days() -> None:
    stripe = Stripe(row())
    cursor = (await stripe.all())[-1].cursor
    stripe.server.seen.clear()
    stripe.clock.at += timedelta(minutes=5)
    cursor = (await stripe.source.read(cursor)).cursor
    stripe.clock.at += timedelta(minutes=56)
    await stripe.source.read(cursor)

    asked = [int(request.url.params["created[gte]"]) for request in stripe.server.seen]
    assert asked == [CREATED - 3600, int((stripe.clock.at - timedelta(days=35)).timestamp())]


async def test_after_a_long_pause_nothing_is_skipped() -> None:
    stripe = Stripe(row())
    cursor = (await stripe.all())[-1].cursor
    stripe.server.seen.clear()
    stripe.clock.at += timedelta(days=90)

    await stripe.source.read(cursor)

    assert int(stripe.server.seen[0].url.params["created[gte]"]) == CREATED - 3600


async def test_too_many_rows_are_an_error_rather_than_a_part() -> None:
    stripe = Stripe(*(row(number) for number in range(10_001)))

    with pytest.raises(SourceGarbled, match="more than 10000 transactions"):
        await stripe.source.read(None)


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ({"data": [], "has_more": True}, "empty page"),
        ({"data": [row()], "has_more": True}, "came twice"),
        ({"data": {}}, "no list"),
        ({"data": [row() | {"amount": 1.5}]}, "txn_000000: amount is Decimal"),
        ({"data": [row() | {"currency": "dollar"}]}, "currency"),
        ({"data": [{"id": "txn_1"}]}, "is missing"),
        ({"object": "list"}, "data"),
    ],
)
async def test_a_page_that_is_not_what_is_documented_is_refused(page: dict[str, Any], said: str) -> None:
    stripe = Stripe()
    stripe.server.answer = lambda _: httpx.Response(200, json=page)

    with pytest.raises(SourceGarbled, match=said):
        await stripe.source.read(None)


async def test_a_key_that_may_not_read_is_told_what_it_lacks() -> None:
    stripe = Stripe(key="rk_live_secret_1")
    body = {
        "error": {
            "type": "invalid_request_error",
            "message": "rk_live_secret_1 lacks rak_balance_transaction_source_read",
        }
    }
    stripe.server.answer = lambda _: httpx.Response(403, json=body)

    with pytest.raises(SourceRefused, match="rak_balance_transaction_source_read") as refused:
        await stripe.source.read(None)

    assert "rk_live_secret_1" not in str(refused.value)


@pytest.mark.parametrize(
    ("key", "facts"),
    [("sk_live_1", {"key"}), ("rk_test_1", {"data"}), ("sk_test_1", {"key", "data"}), ("rk_live_1", set())],
)
async def test_a_key_that_is_too_strong_or_a_test_key_is_warned_of(key: str, facts: set[str]) -> None:
    found = await Stripe(row(), key=key).source.read(None)

    assert found.facts.keys() - {"transactions in the last answer"} == facts


async def test_a_cursor_that_cannot_be_read_starts_over() -> None:
    for cursor in ("", "[]", "x", '{"y": 1}'):
        assert len((await Stripe(row()).source.read(cursor)).records) == 1


def test_the_wait_after_a_failure_follows_what_it_was() -> None:
    source = Stripe().source

    assert source.wait_after(SourceBusy("revenue.stripe", "429", retry_after=17), 1) == 17
    assert source.wait_after(SourceBusy("revenue.stripe", "429"), 1) == 60
    refused = SourceRefused("revenue.stripe", "403", status=403)
    assert [source.wait_after(refused, n) for n in (1, 4, 5, 6, 99)] == [15, 15, 30, 60, 900]
    for outage in (SourceUnreachable("revenue.stripe", "no"), SourceBroken("revenue.stripe", "502")):
        assert [source.wait_after(outage, n) for n in (1, 2, 3, 99)] == [5, 10, 15, 15]
    assert [source.wait_after(SourceGarbled("revenue.stripe", "no JSON"), n) for n in (1, 2, 9)] == [60, 120, 900]


async def test_the_check_says_what_the_key_may_do() -> None:
    stripe = Stripe(row(), key="sk_live_1")
    rows = await stripe.source.check()
    stripe.server.answer = lambda _: httpx.Response(401, json={"error": {"message": "Invalid API Key"}})
    refused = await stripe.source.check()

    assert [(row.name, row.ok) for row in rows] == [("key", True), ("stripe", True), ("entry", True)]
    assert rows[0].text.startswith("warning: a secret key may do everything")
    assert rows[2].text == "txn_000000 2026-11-21 100.00 USD sale, fee -3.20"
    assert (refused[-1].name, refused[-1].ok) == ("stripe", False)
    assert refused[-1].text.endswith("mend PNL_STRIPE_KEY")
