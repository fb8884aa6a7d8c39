"""The records behind the figures."""

import socket
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from flask.testing import FlaskClient

from pnl.domain.records import Cost, Credit, Fact, Fill, Kind, Record, RevenueEntry, Settlement, Transfer, Usage
from pnl.live.hub import Hub
from tests.live.wire import until
from tests.web.fakes import NOON, FakeStore

FILL = Fill(
    id="f1",
    ticker="KXA",
    subaccount=0,
    at=NOON,
    side="no",
    count=85_033,
    price=610_000_000,
    fee=14_180_000_000,
    order_id="o1",
    is_taker=True,
)
SETTLEMENT = Settlement(
    id="s1",
    ticker="KXA",
    event_ticker="KX",
    at=NOON,
    result="yes",
    yes_count=1000,
    yes_cost=6_000_000_000,
    no_count=0,
    no_cost=0,
    revenue=10_000_000_000,
    fee=0,
    value=None,
)
TRANSFER = Transfer(id="t1", at=NOON, amount=-5_000_000_000, status="pending", type="withdrawal")
COST = Cost(
    id="c1",
    start=NOON,
    end=NOON + timedelta(hours=1),
    amount=Decimal("1.234567890123456789012345678901234567"),
    currency="USD",
    model="m",
    token_type=None,
    cost_type=None,
    service_tier=None,
    context_window=None,
    inference_geo=None,
    workspace_id=None,
    description=None,
)
USAGE = Usage(
    id="u1",
    start=NOON,
    end=NOON,
    model="m",
    service_tier=None,
    context_window=None,
    inference_geo=None,
    tokens={"input": 3, "odd": 1},
    list_values={"input": Decimal("0.0000150"), "odd": None},
)
CREDIT = Credit(id="k1", at=NOON, amount=120_000_000)


def entry(entry_id: str, currency: str = "USD") -> RevenueEntry:
    return RevenueEntry(
        id=entry_id,
        version=1,
        date=date(2026, 11, 20),
        amount=49_000_000_000,
        fee=-1_000_000_000,
        currency=currency,
        kind="sale",
        status="settled",
        description="Über",
    )


def record(kind: Kind, fact: Fact, source: str = "kalshi", raw: str = "{}", at: datetime = NOON) -> Record:
    return Record(source=source, kind=kind, id=getattr(fact, "id", "x"), effective_at=at, fact=fact, raw=raw, version=1)


def test_a_fill_costs_its_contracts_at_its_own_sides_price(client: FlaskClient, store: FakeStore) -> None:
    store.records = [record("fill", FILL)]

    found = client.get("/api/pnl/records").json

    assert found == {
        "records": [
            {
                "kind": "fill",
                "source": "kalshi",
                "id": "f1",
                "version": 1,
                "effective_at": "2026-11-20T17:00:00.000Z",
                "recorded_at": None,
                "amount": "-518.7013",
                "currency": "USD",
                "posts": [],
                "flags": [],
                "detail": {
                    "ticker": "KXA",
                    "subaccount": 0,
                    "side": "no",
                    "count": "850.33",
                    "price": "0.61",
                    "fee": "14.18",
                    "order_id": "o1",
                    "is_taker": True,
                },
                "raw": {},
            }
        ],
        "next": None,
    }


@pytest.mark.parametrize(
    ("kind", "fact", "amount", "flags"),
    [
        ("settlement", SETTLEMENT, "10.00", []),
        ("transfer", TRANSFER, "-5.00", ["not_applied"]),
        ("cost", COST, "-1.234567890123456789012345678901234567", []),
        ("cost", replace(COST, amount=Decimal("0.000")), "0", []),
        ("cost", replace(COST, amount=Decimal("1E+3")), "-1000.00", []),
        ("usage", USAGE, None, ["unpriced"]),
        ("revenue", entry("r1", "EUR"), "49.00", ["unconverted"]),
        ("credit", CREDIT, "0.12", []),
    ],
)
def test_an_amount_is_signed_and_exact(
    *, client: FlaskClient, store: FakeStore, kind: Kind, fact: Fact, amount: str | None, flags: list[str]
) -> None:
    store.records = [record(kind, fact)]

    found = client.get(f"/api/pnl/records?kind={kind if kind in ('usage', 'revenue') else kind + 's'}").json

    assert found is not None
    assert (found["records"][0]["amount"], found["records"][0]["flags"]) == (amount, flags)


def test_list_values_of_usage_keep_their_digits(client: FlaskClient, store: FakeStore) -> None:
    store.records = [record("usage", USAGE)]

    found = client.get("/api/pnl/records?kind=usage").json

    assert found is not None
    assert found["records"][0]["detail"]["list_values"] == {"input": "0.000015", "odd": None}


@pytest.mark.parametrize("raw", ['{"price": 0.10000000000000000000001, "n": 1e400}', '{ "a" : "é" }'])
def test_a_sources_own_body_comes_out_letter_by_letter(client: FlaskClient, store: FakeStore, raw: str) -> None:
    store.records = [record("fill", FILL, raw=raw)]

    found = client.get("/api/pnl/records").data.decode()

    assert f'"raw":{raw}' in found


@pytest.mark.parametrize(
    "raw", ["2026-11-20,49.00,sale", "", '{"a": NaN}', '{"a": 1} , "next": "x"', "[" * 100_000, '"\ud800"']
)
def test_a_body_that_is_not_json_comes_out_as_a_string(client: FlaskClient, store: FakeStore, raw: str) -> None:
    store.records = [record("fill", FILL, raw=raw)]

    found = client.get("/api/pnl/records").json

    assert found is not None
    assert found["records"][0]["raw"] == raw
    assert found["next"] is None


def test_a_record_tells_what_it_posts(client: FlaskClient, store: FakeStore) -> None:
    store.records = [record("revenue", entry("r1"), source="revenue.feed")]

    found = client.get("/api/pnl/records?kind=revenue").json

    assert found is not None
    assert found["records"][0]["posts"] == [
        {"line": "revenue", "amount": "49.00"},
        {"line": "processor_fees", "amount": "-1.00"},
    ]


def test_records_are_paged_newest_first(client: FlaskClient, store: FakeStore) -> None:
    store.records = [record("credit", CREDIT, at=NOON + timedelta(hours=hour)) for hour in range(5)]
    hours = []
    cursor = ""

    while True:
        page = client.get(f"/api/pnl/records?limit=2&cursor={cursor}").json
        assert page is not None
        hours += [found["effective_at"][11:13] for found in page["records"]]
        if page["next"] is None:
            break
        cursor = page["next"]

    assert hours == ["21", "20", "19", "18", "17"]


def test_all_kinds_of_money_are_given_unless_some_are_asked_for(client: FlaskClient, store: FakeStore) -> None:
    store.records = [record("credit", CREDIT), record("usage", USAGE), record("fill", FILL)]

    every, some = client.get("/api/pnl/records").json, client.get("/api/pnl/records?kind=usage,fills").json

    assert every is not None
    assert some is not None
    assert {found["kind"] for found in every["records"]} == {"credit", "fill"}
    assert {found["kind"] for found in some["records"]} == {"usage", "fill"}


def test_entries_are_the_manual_ones(client: FlaskClient, store: FakeStore) -> None:
    store.records = [
        record("revenue", entry(f"r{n}"), source="manual" if n % 10 == 0 else "revenue.feed", at=NOON - timedelta(n))
        for n in range(30)
    ]

    found = client.get("/api/pnl/records?kind=entries&limit=3").json

    assert found is not None
    assert [row["id"] for row in found["records"]] == ["r0", "r10", "r20"]


def test_a_search_for_few_among_many_stops_with_a_cursor(client: FlaskClient, store: FakeStore) -> None:
    store.records = [record("revenue", entry(f"r{n}"), source="revenue.feed") for n in range(200)]

    found = client.get("/api/pnl/records?kind=entries&limit=1").json

    assert found == {"records": [], "next": "50"}
    assert store.page_calls == 50


def test_a_range_is_half_open_and_speaks_company_days(client: FlaskClient, store: FakeStore) -> None:
    midnight = datetime(2026, 11, 20, 5, tzinfo=UTC)
    store.records = [record("credit", CREDIT, at=midnight), record("credit", CREDIT, at=midnight + timedelta(days=1))]

    found = client.get("/api/pnl/records?from=2026-11-20&to=2026-11-21").json

    assert found is not None
    assert [row["effective_at"] for row in found["records"]] == ["2026-11-20T05:00:00.000Z"]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("kind=fill", "kind"),
        ("kind=fills,", "kind"),
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=ten", "limit"),
        ("limit=١", "limit"),
        ("cursor=zzz", "cursor"),
        ("from=yesterday", "from"),
        ("from=2026-11-31", "from"),
        ("from=20261120", "from"),
        ("from=2026-11-20T10:00:00", "from"),
        ("from=2026-11-20T10:00:60Z", "from"),
        ("from=0001-01-01", "from"),
        ("to=9999-12-31", "to"),
        ("from=2026-11-20&to=2026-11-19", "to"),
        ("from=2026-11-20&from=2026-11-20", "from"),
        ("cursor=%00", "cursor"),
        ("Kind=fills", "Kind"),
    ],
)
def test_a_parameter_that_makes_no_sense_is_refused_by_name(client: FlaskClient, query: str, parameter: str) -> None:
    found = client.get(f"/api/pnl/records?{query}")

    assert (found.status_code, found.content_type) == (400, "application/problem+json")
    assert found.json is not None
    assert found.json["parameter"] == parameter


@pytest.mark.parametrize("text", ["0001-01-01", "9999-12-31", "9999-12-31T23:59:59-05:00", "2200-01-02", "1969-12-31"])
def test_a_time_of_other_centuries_is_refused_as_such(client: FlaskClient, text: str) -> None:
    found = client.get("/api/pnl/records", query_string={"to": text})

    assert found.json is not None
    assert (found.status_code, found.json["detail"]) == (400, f"to {text!r} is outside the years 1970 to 2199")


def test_an_offset_whose_plus_was_not_escaped_is_understood(client: FlaskClient, store: FakeStore) -> None:
    store.records = [record("credit", CREDIT)]

    found = client.get("/api/pnl/records?from=2026-11-20T18:00:00+01:00&to=2026-11-20T17:00:00.001Z").json

    assert found is not None
    assert len(found["records"]) == 1


def test_a_database_that_is_away_is_a_503(client: FlaskClient, store: FakeStore) -> None:
    store.away = True

    found = client.get("/api/pnl/records")

    assert (found.status_code, found.headers["Retry-After"]) == (503, "10")
    assert b"locked" not in found.data


def test_who_asks_the_same_at_the_same_moment_costs_the_archive_one_look(client: FlaskClient, store: FakeStore) -> None:
    store.records = [record("fill", FILL)]

    first, second = (client.get("/api/pnl/records?kind=fills&limit=20") for _ in range(2))

    assert first.json == second.json
    assert store.page_calls == 1


def test_a_record_is_listed_as_soon_as_it_is_kept(client: FlaskClient, store: FakeStore) -> None:
    store.records = [record("fill", FILL)]
    client.get("/api/pnl/records?kind=fills&limit=20")
    store.records.append(record("fill", replace(FILL, id="f2")))

    found = client.get("/api/pnl/records?kind=fills&limit=20").json

    assert found
    assert [row["id"] for row in found["records"]] == ["f1", "f2"]


def test_an_answer_says_over_how_long_a_crowd_should_ask(client: FlaskClient, hub: Hub) -> None:
    alone = client.get("/api/pnl/records?kind=fills")
    pairs = [socket.socketpair() for _ in range(3)]
    hub.start()
    for number, (ours, _) in enumerate(pairs):
        hub.adopt(ours, "frame", hub.reserve(f"192.0.2.{number}"), after=None, stream=None)
    until(lambda: hub.counts["clients"] == 3)

    among = client.get("/api/pnl/records?kind=fills")

    for _, theirs in pairs:
        theirs.close()
    assert [alone.headers["X-NorthStar-Spread"], among.headers["X-NorthStar-Spread"]] == ["0", "30"]
    assert among.data == alone.data
