"""`/api/pnl/breakdown`: rows that add up to the net of the days, whatever they are broken down by."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from pnl.domain.explain import DIMENSIONS
from pnl.web.breakdown import PATHS, SCHEMAS
from pnl.web.describe import describe, document
from tests.domain.strategies import entry
from tests.web.kept import Kept
from tests.web.past import FIRST, app, three_days

SECOND = {"from": "2026-11-19", "to": "2026-11-20"}
WHOLE = {"from": "2026-11-18", "to": "2026-11-21"}


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    made = three_days(tmp_path)
    yield made
    made.close()


@pytest.fixture
def client(kept: Kept) -> FlaskClient:
    return app(kept).test_client()


def rows(client: FlaskClient, by: str, **more: str) -> Any:  # noqa: ANN401 - JSON
    answer = client.get("/api/pnl/breakdown", query_string={"by": by, **more})
    assert answer.status_code == 200, answer.text
    return answer.json


def amounts(found: Any) -> dict[str | None, Decimal]:  # noqa: ANN401 - JSON
    return {row["key"]: Decimal(row["amount"]) for row in found["rows"] if row["key"] is not None}


@pytest.mark.parametrize("by", DIMENSIONS)
@pytest.mark.parametrize("more", [{}, WHOLE, SECOND, {**WHOLE, "as_of": "2026-11-19T21:00:00Z"}])
def test_the_rows_add_up_to_the_net_of_the_days(client: FlaskClient, by: str, more: dict[str, str]) -> None:
    found = rows(client, by, **more)

    whole = sum(Decimal(row["amount"]) for row in found["rows"])
    assert whole == Decimal(found["net"])
    for row in found["rows"]:
        assert Decimal(row["amount"]) == sum(Decimal(amount) for amount in row["lines"].values())
        assert row["key"] is not None or len(row["lines"]) == 1
    if more:
        net = client.get("/api/pnl/explain", query_string={"figure": "net", **more}).json
        assert net is not None
        assert Decimal(found["net"]) == Decimal(net["amount"])


def test_markets_bring_what_they_realised_and_how_their_value_changed(kept: Kept, client: FlaskClient) -> None:
    found = amounts(rows(client, "market", **WHOLE))

    fed, gas = (kept.ledger.book.markets[ticker].position for ticker in ("KXFED-1", "KXGAS-2"))
    (row,) = kept.ledger.rows()
    assert found["KXGAS-2"] == Decimal(gas.realised - gas.fees).scaleb(-9)
    assert found["KXFED-1"] == Decimal(fed.realised - fed.fees + (row.unrealised or 0)).scaleb(-9)


class OncePerThread:
    """A lock that tells a thread which waits for itself, instead of letting it wait for ever."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holder: int | None = None

    def __enter__(self) -> None:
        assert self._holder != threading.get_ident(), "this thread would wait for itself"
        self._lock.acquire()
        self._holder = threading.get_ident()

    def __exit__(self, *_: object) -> None:
        self._holder = None
        self._lock.release()


@pytest.mark.parametrize("by", ["market", "series"])
@pytest.mark.parametrize("more", [{}, WHOLE, {**WHOLE, "as_of": "2026-11-19T21:00:00Z"}])
def test_a_breakdown_holds_the_ticks_up_at_no_time_for_what_is_out_of_mind(
    kept: Kept, monkeypatch: pytest.MonkeyPatch, by: str, more: dict[str, str]
) -> None:
    wanted = rows(app(kept).test_client(), by, **more)
    monkeypatch.setattr(kept.figures, "lock", OncePerThread())

    found = rows(app(kept, remembered=1).test_client(), by, **more)

    assert found == wanted


def test_a_thread_that_reads_the_figures_may_read_them_again(kept: Kept) -> None:
    with kept.now() as outer, kept.now() as inner:
        assert outer is inner


def test_a_series_is_the_part_of_a_ticker_before_its_first_dash(client: FlaskClient) -> None:
    assert set(amounts(rows(client, "series", **WHOLE))) == {"KXFED", "KXGAS"}


def test_customers_and_models_are_named_and_the_rest_stands_apart(kept: Kept, client: FlaskClient) -> None:
    sale = replace(entry("sale", "40.00", FIRST.date(), name="late", fee="-1.20"), customer="Ada & Sons")
    kept.tick(FIRST.replace(day=20, hour=23, minute=30), sale, entry("sale", "5.00", FIRST.date(), name="late-2"))

    customers = rows(client, "customer", **WHOLE)
    models = rows(client, "model", **WHOLE)

    assert amounts(customers) == {"Ada & Sons": Decimal("281.25")}
    assert {
        "key": None,
        "title": "Revenue",
        "amount": "5.00",
        "lines": {"revenue": "5.00"},
        "count": None,
    } in customers["rows"]
    assert set(amounts(models)) == {"claude-opus-5-5"}
    assert {row["lines"].get("revenue") for row in models["rows"]} == {None, "295.00"}


def test_sources_are_called_by_their_names(client: FlaskClient) -> None:
    titles = {row["key"]: row["title"] for row in rows(client, "source", **WHOLE)["rows"]}

    assert titles == {"kalshi": "Kalshi", "anthropic": "Anthropic", "revenue.feed": "Revenue feed"}


def open_sums(client: FlaskClient, query: dict[str, str], node: str = "") -> Decimal:
    """Return the amount of a node, of which every node below is what its rule makes of its children."""
    found = client.get("/api/pnl/explain", query_string={**query, "node": node})
    assert found.status_code == 200, found.text
    told: Any = found.json
    amounts = [open_below(client, query, child) for child in told["children"]]
    if told["rule"] == "sum":
        assert Decimal(told["amount"]) == sum(amounts)
    elif told["rule"] == "difference":
        assert Decimal(told["amount"]) == amounts[0] - sum(amounts[1:])
    return Decimal(told["amount"])


def open_below(client: FlaskClient, query: dict[str, str], child: Any) -> Decimal:  # noqa: ANN401 - JSON
    if child["rule"] in ("sum", "difference"):
        assert open_sums(client, query, child["node"]) == Decimal(child["amount"])
    return Decimal(child["amount"])


@pytest.mark.parametrize("by", DIMENSIONS)
@pytest.mark.parametrize("more", [WHOLE, SECOND, {**WHOLE, "as_of": "2026-11-19T21:00:00Z"}])
def test_every_amount_of_a_row_opens_down_to_its_own_records(
    client: FlaskClient, by: str, more: dict[str, str]
) -> None:
    keyed = [row for row in rows(client, by, **more)["rows"] if row["key"] is not None]

    assert keyed or (by == "customer" and more == SECOND)
    for row in keyed:
        of = {**more, "by": by, "key": row["key"]}
        assert open_sums(client, {"figure": "net", **of}) == Decimal(row["amount"])
        for line in sorted({*row["lines"], "revenue", "api_cost"}):
            assert open_sums(client, {"figure": line, **of}) == Decimal(row["lines"].get(line, 0))


def test_a_row_whose_posts_cancel_out_opens_and_says_so(kept: Kept) -> None:
    at = FIRST + timedelta(days=3)
    sale = replace(entry("sale", "80.00", at.date(), name="inv-8"), customer="Turing")
    kept.tick(at, sale, replace(entry("sale", "-80.00", at.date(), name="inv-9"), customer="Turing"))
    of = {"from": "2026-11-18", "to": "2026-11-22", "by": "customer", "key": "Turing"}
    client = app(kept).test_client()

    for figure in ("net", "revenue", "refunds", "revenue_total", "api_cost"):
        told: Any = client.get("/api/pnl/explain", query_string={"figure": figure, **of}).json
        assert (told["figure"], told["amount"]) == (figure, "0")
        assert told["title"].endswith(" · Turing")
        assert told["note"] or told["children"]


def test_a_share_names_what_it_is_of(client: FlaskClient) -> None:
    told: Any = client.get(
        "/api/pnl/explain", query_string={"figure": "net", **WHOLE, "by": "customer", "key": "Ada & Sons"}
    ).json

    assert told["title"] == "Net P&L · Ada & Sons"
    assert [(child["title"], child["amount"]) for child in told["children"]] == [
        ("Revenue", "250.00"),
        ("Processor fees", "-7.55"),
    ]


@pytest.mark.parametrize(
    ("query", "status", "parameter"),
    [
        ({"figure": "net", **WHOLE, "by": "customer"}, 400, "key"),
        ({"figure": "net", **WHOLE, "key": "x"}, 400, "by"),
        ({"figure": "net", **WHOLE, "by": "colour", "key": "x"}, 400, "by"),
        ({"figure": "net", "by": "model", "key": "x"}, 400, "by"),
        ({"figure": "net", "at": "3", "by": "model", "key": "x"}, 400, "by"),
        ({"figure": "net_realised", **WHOLE, "by": "model", "key": "x"}, 400, "figure"),
        ({"figure": "net", **WHOLE, "by": "model", "key": "nobody's"}, 404, None),
    ],
)
def test_a_share_that_there_is_not_is_refused_by_name(
    client: FlaskClient, query: dict[str, str], status: int, parameter: str | None
) -> None:
    answer = client.get("/api/pnl/explain", query_string=query)

    assert answer.status_code == status
    assert answer.json is not None
    assert answer.json.get("parameter") == parameter


def test_a_record_is_counted_once_however_many_days_it_is_part_of(client: FlaskClient) -> None:
    sources = {row["key"]: row["count"] for row in rows(client, "source", **WHOLE)["rows"]}
    models = {row["key"]: row["count"] for row in rows(client, "model", **WHOLE)["rows"]}

    # Three fills and a settlement; three reported UTC days; a sale with its fee, a refund, and a rent of each day.
    assert sources == {"kalshi": 4, "anthropic": 3, "revenue.feed": 3}
    assert models["claude-opus-5-5"] == 3
    assert models[None] is None


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ({"by": "colour"}, "by"),
        ({"from": "2026-11-18"}, "to"),
        ({"from": "yesterday", "to": "2026-11-20"}, "from"),
        ({"from": "1970-01-01", "to": "2199-01-01"}, "to"),
        ({"as_of": "then"}, "as_of"),
        ({"group": "source"}, "group"),
    ],
)
def test_what_cannot_be_broken_down_is_refused_by_name(
    client: FlaskClient, query: dict[str, str], parameter: str
) -> None:
    answer = client.get("/api/pnl/breakdown", query_string=query)

    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["parameter"] == parameter


def test_without_days_it_is_the_day_of_the_instant_as_known(client: FlaskClient) -> None:
    then = "2026-11-19T21:00:00Z"

    found = rows(client, "source", as_of=then)

    assert (found["from"], found["to"]) == ("2026-11-19", "2026-11-20")
    assert found == rows(client, "source", **{"from": "2026-11-19", "to": "2026-11-20"}, as_of=then)
    assert rows(client, "source", as_of="2099-01-01")["from"] == rows(client, "source")["from"]


def test_every_answer_is_as_its_schema_says(client: FlaskClient, kept: Kept) -> None:
    made = app(kept)
    describe(made, PATHS, SCHEMAS)
    schema = document(made)["components"]["schemas"]  # type: ignore[index, call-overload] # JSON
    rules = Draft202012Validator({"$ref": "#/components/schemas/Breakdown", "components": {"schemas": schema}})

    for by in DIMENSIONS:
        rules.validate(rows(client, by, **WHOLE))
