"""The revenue feed and Stripe: pages, changes, versions, and rows that turn."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tests.sandbox.worlds import EPOCH, Desk, Frozen, open_desk


def stripe_rows(desk: Desk, **query: int) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    more: dict[str, Any] = {}
    while True:
        body = desk.ask_stripe(**{"limit": 100, **query, **more}).json()
        rows += body["data"]
        if not body["has_more"]:
            return rows
        more = {"starting_after": rows[-1]["id"]}


def test_the_feed_wants_its_token_and_tells_problems_as_problems(empty: Desk) -> None:
    refused = empty.ask_revenue(token="wrong")
    bad = empty.ask_revenue(cursor="nonsense")

    assert (refused.status_code, bad.status_code) == (401, 400)
    assert refused.headers["content-type"] == "application/problem+json"
    assert bad.json()["status"] == 400


def test_a_correction_is_a_higher_version_of_the_same_entry(empty: Desk, clock: Frozen) -> None:
    empty.engine.sell("inv-1", "100.00")
    clock.go(hours=1)
    empty.engine.sell("inv-1", "90.00", version=2)

    body = empty.ask_revenue().json()

    assert body["schema"] == "revenue-feed/1"
    assert [(row["id"], row["version"], row["amount"]) for row in body["data"]] == [("inv-1", 2, "90.00")]


def test_a_conflict_a_void_a_late_entry_and_a_day_total_clash_can_be_told(empty: Desk, clock: Frozen) -> None:
    empty.engine.sell("inv-1", "100.00")
    clock.go(hours=1)
    empty.engine.sell("inv-1", "90.00")
    empty.engine.sell("inv-2", "5.00", status="void", version=2)
    empty.engine.sell("inv-3", "7.00", day=date(2026, 10, 18))
    empty.engine.sell("2026-10-20", "500.00", kind="day_total")

    rows = {row["id"]: row for row in empty.ask_revenue().json()["data"]}

    assert (rows["inv-1"]["version"], rows["inv-1"]["amount"]) == (1, "90.00")
    assert rows["inv-2"]["status"] == "void"
    assert rows["inv-3"]["date"] < rows["inv-1"]["date"]
    assert rows["2026-10-20"]["kind"] == "day_total"


def test_floats_and_a_stale_instant_can_be_had(empty: Desk) -> None:
    empty.engine.sell("inv-1", "100.10")
    empty.faults.float_amounts = True
    empty.faults.stale_as_of_seconds = 7200

    body = empty.ask_revenue().json()

    assert body["data"][0]["amount"] == 100.1
    assert body["as_of"] == "2026-10-20T10:00:00Z"


def test_an_unchanged_feed_is_304(empty: Desk, clock: Frozen) -> None:
    empty.engine.sell("inv-1", "100.00")
    tag = empty.ask_revenue().headers["etag"]
    clock.go(minutes=1)

    unchanged = empty.ask_revenue(etag=tag)
    empty.engine.sell("inv-2", "1.00")
    changed = empty.ask_revenue(etag=tag)

    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert changed.status_code == 200


def test_the_feed_pages_by_change_and_by_instant(month: Desk) -> None:
    ids: list[str] = []
    cursor: dict[str, Any] = {}
    while True:
        body = month.ask_revenue(limit=50, **cursor).json()
        ids += [row["id"] for row in body["data"]]
        if not body["has_more"]:
            break
        cursor = {"cursor": body["next_cursor"]}
    recent = month.ask_revenue(updated_since="2026-11-18T00:00:00Z").json()

    assert len(ids) == len(set(ids)) == len(month.engine.sales.entries)
    assert 0 < len(recent["data"]) < 40


def test_yesterday_is_complete_after_six_in_the_morning(empty: Desk, clock: Frozen) -> None:
    at_eight = empty.ask_revenue().json()["complete_through"]
    clock.go(hours=21)
    at_five = empty.ask_revenue().json()["complete_through"]

    assert (at_eight, at_five) == ("2026-10-19", "2026-10-19")


def test_a_month_of_sales_is_believable(month: Desk) -> None:
    days: dict[str, Decimal] = defaultdict(Decimal)
    for row in month.ask_revenue(limit=1000).json()["data"]:
        if row["status"] != "void":
            days[row["date"]] += Decimal(row["amount"])
    rows = stripe_rows(month)
    cards = sum(row["net"] for row in rows if row["currency"] == "usd" and row["reporting_category"] != "payout")

    mean = (sum(days.values()) + Decimal(cards) / 100) / 30
    assert 1500 <= mean <= 2500
    assert {"charge", "refund", "payout"} <= {row["reporting_category"] for row in rows}
    assert all(row["net"] == row["amount"] - row["fee"] for row in rows)


def test_stripe_lists_newest_first_by_id_cursors(month: Desk) -> None:
    rows = stripe_rows(month)
    tail = month.ask_stripe(limit=5, ending_before=rows[10]["id"]).json()
    instant = rows[50]["created"]
    since = stripe_rows(month, **{"created[gte]": instant})

    assert [row["created"] for row in rows] == sorted((row["created"] for row in rows), reverse=True)
    assert len({row["id"] for row in rows}) == len(rows) > 400
    assert [row["id"] for row in tail["data"]] == [row["id"] for row in rows[5:10]]
    assert [row["id"] for row in since] == [row["id"] for row in rows if row["created"] >= instant]


def test_pending_turns_available_and_a_payout_a_dispute_and_yen_can_be_had(empty: Desk, clock: Frozen) -> None:
    empty.engine.charge(4900, fee=172)
    empty.engine.charge(-4900, fee=1500, category="dispute")
    empty.engine.charge(4900, category="dispute_reversal")
    empty.engine.charge(-9000, category="payout")
    empty.engine.charge(5000, currency="jpy", fee=210)
    before = {row["reporting_category"]: row for row in empty.ask_stripe().json()["data"]}
    clock.go(days=3)
    after = {row["reporting_category"]: row for row in empty.ask_stripe().json()["data"]}

    assert (before["charge"]["status"], after["charge"]["status"]) == ("pending", "available")
    assert before["dispute"]["type"] == "adjustment"
    assert {row["currency"] for row in empty.ask_stripe().json()["data"]} == {"usd", "jpy"}


def test_stripe_refuses_in_its_own_words(empty: Desk) -> None:
    other = empty.ask_stripe("/v1/charges")
    unknown = empty.ask_stripe(starting_after="txn_nothing")
    limit = empty.ask_stripe(limit=101)
    no_key = empty.http.get(f"{empty.upstreams.stripe_base_url}/v1/balance_transactions")

    assert [r.status_code for r in (other, unknown, limit, no_key)] == [403, 400, 400, 401]
    assert "rak_" in other.json()["error"]["message"]
    assert unknown.json()["error"]["code"] == "resource_missing"
    assert no_key.headers["request-id"].startswith("req_")


def test_invoices_arrive_through_the_day() -> None:
    clock = Frozen(EPOCH + timedelta(days=9))
    with open_desk(clock) as desk:
        morning = len(desk.ask_revenue(limit=1000).json()["data"])
        clock.go(hours=11)
        evening = len(desk.ask_revenue(limit=1000).json()["data"])

    assert evening > morning
