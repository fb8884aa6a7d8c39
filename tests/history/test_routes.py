"""The API tells the past: screens as they were shown, and days as they are known."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from pnl.domain.money import nano
from pnl.domain.outcome import outcomes, stakes_of, to_json
from pnl.domain.records import Market
from pnl.domain.snapshot import LINES
from tests.domain.strategies import entry, fill, mark, record, report, settlement
from tests.history.company import Company, plain
from tests.web.past import api

NOON = datetime(2026, 11, 18, 17, 0, 0, 4_567, tzinfo=UTC)
NIGHT = datetime(2026, 11, 19, 4, 59, 55, tzinfo=UTC)
MORNING = datetime(2026, 11, 19, 14, tzinfo=UTC)
FIRST, SECOND = date(2026, 11, 18), date(2026, 11, 19)


@pytest.fixture
def client(company: Company) -> FlaskClient:
    """A server of a company to which much was told late."""
    company.tick(
        NOON,
        *api(NOON - timedelta(days=1), "30"),
        *api(NOON, "5"),
        record(entry("sale", "100", FIRST, name="a"), version=1),
        fill("yes", "100", "0.40", "1", ticker="KXA", at=NOON - timedelta(hours=1), name="f1"),
        fill("no", "10", "0.30", "0", ticker="KXB", at=NOON - timedelta(hours=1), name="f2"),
        marks=[mark("KXA", bid="0.50", ask="0.52", at=NOON), mark("KXB", bid="0.66", ask="0.69", at=NOON)],
        markets=[Market(ticker="KXA", event_ticker="KXE", title="As it was called", close_time=None)],
    )
    company.tick(NIGHT, marks=[mark("KXA", bid="0.55", ask="0.57", at=NIGHT)])
    company.tick(
        MORNING,
        *api(NOON.replace(hour=23, minute=59), "24"),
        record(entry("sale", "90", FIRST, name="a", fee="-3"), version=2),
        fill("yes", "20", "0.45", "0.2", ticker="KXA", at=NOON + timedelta(hours=1), name="f3"),
        settlement("no", no=("10", "3"), revenue=1000, ticker="KXB", at=NIGHT - timedelta(hours=1)),
        marks=[mark("KXA", bid="0.60", ask="0.62", at=MORNING)],
        markets=[Market(ticker="KXA", event_ticker="KXE", title="As it is called", close_time=None)],
    )
    return company.server().test_client()


def told(client: FlaskClient, route: str, **asked: object) -> Any:  # noqa: ANN401 - JSON
    answer = client.get(f"/api/pnl/{route}", query_string=asked)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    document = client.get("/api/openapi.json").json
    assert document
    schema = document["paths"][f"/api/pnl/{route}"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    Draft202012Validator({**schema, "components": document["components"]}).validate(answer.json)
    return answer.json


def test_a_past_screen_is_found_by_the_instant_that_it_told(client: FlaskClient, company: Company) -> None:
    shown = company.shown[0].snapshot.to_json()

    found = told(client, "current", as_of=shown["as_of"])

    assert found["seq"] == 1
    assert found["net"] == shown["net"]
    assert found["positions"] == shown["positions"]
    assert found["positions"][0]["title"] == "As it was called"


def test_past_positions_and_checks_are_those_of_the_screen(client: FlaskClient, company: Company) -> None:
    shown = company.shown[1]

    open_ = told(client, "positions", as_of="2026-11-19")
    every = told(client, "positions", as_of="2026-11-19", all="1")
    checks = told(client, "checks", as_of="2026-11-19")

    held = to_json(outcomes(stakes_of(shown.snapshot.positions)))
    rows = [row.to_json() for row in shown.snapshot.positions]
    assert open_ == {"seq": 2, "positions": rows, "outcome": held}
    assert every == {"seq": 2, "positions": [row.to_json() for row in shown.every], "outcome": held}
    assert held["events"]
    assert plain(checks["checks"]) == shown.checks


def test_past_records_are_the_versions_of_then_with_what_they_posted(client: FlaskClient) -> None:
    then = told(client, "records", kind="revenue,fills,settlements", as_of="2026-11-19")["records"]
    now = told(client, "records", kind="revenue,fills,settlements")["records"]

    assert [one["id"] for one in then if one["kind"] == "revenue"] == ["a"]
    assert [(one["version"], one["posts"]) for one in then if one["id"] == "a"] == [
        (1, [{"line": "revenue", "amount": "100.00"}])
    ]
    assert {one["id"] for one in now} - {one["id"] for one in then} == {"f3", "KXB"}
    assert [one["version"] for one in now if one["id"] == "a"] == [2]


def test_days_are_told_with_what_restated_them(client: FlaskClient) -> None:
    found = told(client, "days")

    first, second = found["days"]
    assert (first["day"], second["day"], found["next"]) == ("2026-11-18", "2026-11-19", None)
    assert first["as_seen"]["lines"]["revenue"] == "100.00"
    assert first["restated_by"]["lines"]["revenue"] == "-10.00"
    assert {one["record"]["id"] for one in first["restatements"]} >= {"a", "f3", "KXB"}
    for day in found["days"]:
        for line in LINES:
            sums = sum(Decimal(one["amount"]) for one in day["restatements"] if one["line"] == line)
            assert sums == Decimal(day["restated_by"]["lines"].get(line, "0"))
        assert Decimal(day["restated_by"]["net"]) == Decimal(day["net"]) - Decimal(day["as_seen"]["net"])
    assert Decimal(found["total"]["net"]) == sum(Decimal(day["net"]) for day in found["days"])
    assert found["total"]["days"] == 2


def test_days_of_then_have_no_later_restatement(client: FlaskClient) -> None:
    found = told(client, "days", as_of="2026-11-19")

    assert [(day["day"], day["restated_by"], day["as_seen"]["seq"]) for day in found["days"]] == [
        ("2026-11-18", None, 2)
    ]


def test_days_are_told_page_by_page_with_the_total_of_all(client: FlaskClient) -> None:
    whole = told(client, "days")

    first = told(client, "days", limit=1)
    second = told(client, "days", limit=1, **{"from": first["next"]})

    assert first["days"] + second["days"] == whole["days"]
    assert first["total"] == whole["total"]
    assert second["next"] is None


def test_a_range_of_days_is_half_open(client: FlaskClient) -> None:
    assert [day["day"] for day in told(client, "days", to="2026-11-19")["days"]] == ["2026-11-18"]
    assert [day["day"] for day in told(client, "days", **{"from": "2026-11-18T06:00:00Z"})["days"]] == ["2026-11-19"]


@pytest.mark.parametrize(
    ("url", "parameter"),
    [
        ("days?as_of=soon", "as_of"),
        ("days?from=2026-11-19&as_of=2026-11-18", "from"),
        ("days?limit=x", "limit"),
        ("current?as_of=2026-11-18", "as_of"),
        ("positions?as_of=2026-11-18", "as_of"),
        ("checks?as_of=2026-11-18", "as_of"),
        ("records?as_of=then", "as_of"),
    ],
)
def test_what_cannot_be_told_is_refused_by_name(client: FlaskClient, url: str, parameter: str) -> None:
    answer = client.get(f"/api/pnl/{url}")

    assert (answer.status_code, answer.json and answer.json["parameter"]) == (400, parameter)


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("day", ["2026-11-18", "2026-11-19"])
def test_an_explanation_of_a_day_begins_with_what_the_day_is_told_as(client: FlaskClient, line: str, day: str) -> None:
    days = {one["day"]: one for one in told(client, "days")["days"]}

    found = client.get("/api/pnl/explain", query_string={"figure": line, "day": day}).json

    assert found
    assert Decimal(found["amount"] or 0) == Decimal(days[day]["lines"][line] or 0)
    assert not [one for one in found.get("children", []) if one["rule"] == "remainder"], found


@pytest.mark.parametrize("by", ["source", "market", "model", "customer"])
def test_a_breakdown_adds_up_to_the_days(client: FlaskClient, by: str) -> None:
    asked = {"from": "2026-11-18", "to": "2026-11-20"}

    found = client.get("/api/pnl/breakdown", query_string={**asked, "by": by}).json

    assert found
    assert found["net"] == told(client, "days", **asked)["total"]["net"]
    assert sum(Decimal(one["amount"]) for one in found["rows"]) == Decimal(found["net"])


@pytest.fixture
def thinned(company: Company) -> FlaskClient:
    """A server of a company of whose first day all prices but one each quarter of an hour are gone."""
    bought = fill("yes", "100", "0.40", "1", ticker="KXA", at=NOON - timedelta(hours=1))
    ten = timedelta(seconds=10)
    company.tick(NOON, report=report(nano("60"), {}, at=NOON))
    for number, bid in enumerate(("0.50", "0.55", "0.60", "0.65"), 1):
        at = NOON + number * ten
        facts = (bought,) if number == 1 else ()
        company.tick(at, *facts, marks=[mark("KXA", bid=bid, ask="0.70", at=at)])
    company.tick(MORNING, marks=[mark("KXA", bid="0.66", ask="0.70", at=MORNING)])
    company.tick(MORNING + ten)
    while company.store.thin(MORNING.replace(hour=0)):
        pass
    return company.server().test_client()


def test_a_past_screen_of_a_thinned_day_says_so_and_its_sums_stay(thinned: FlaskClient, company: Company) -> None:
    shown = company.shown[2].snapshot.to_json()
    at = {"as_of": shown["as_of"]}

    screen, rows, every = (
        told(thinned, "current", **at),
        told(thinned, "positions", **at),
        told(thinned, "positions", **at, all="1"),
    )

    assert screen["account"] == shown["account"]
    assert screen["account"]["positions_value"] == "55.00"
    assert [row["value"] for row in screen["positions"]] == ["50.00"]  # the first price stays, the second is gone
    assert "marks_thinned" in screen["flags"]
    assert rows["flags"] == every["flags"] == ["marks_thinned"]


def test_a_past_screen_of_a_day_that_was_not_thinned_says_nothing_of_it(thinned: FlaskClient, company: Company) -> None:
    shown = company.shown[-2].snapshot.to_json()

    screen = told(thinned, "current", as_of=shown["as_of"])

    assert screen["flags"] == shown["flags"]
    assert screen["positions"] == shown["positions"]
    assert "flags" not in told(thinned, "positions", as_of=shown["as_of"])


@pytest.mark.parametrize("figure", ["unrealised_total", "positions_value", "equity", "net"])
def test_an_explanation_of_a_thinned_time_comes_to_what_was_shown_and_says_why(
    thinned: FlaskClient, company: Company, figure: str
) -> None:
    shown = company.shown[2].snapshot.to_json()
    account = shown["account"]
    assert isinstance(account, dict)
    amount = f"{({**account, 'unrealised_total': '15.00', 'net': shown['net']})[figure]}"
    path = {"node": "trading_unrealised/now"} if figure == "net" else {}

    root = told(thinned, "explain", figure=figure, at=3)
    node = told(thinned, "explain", figure=figure, at=3, **path)

    assert Decimal(root["amount"]) == Decimal(amount)
    assert root["flags"] == ["marks_thinned"]
    (rest,) = [child for child in node["children"] if child["rule"] == "remainder"]
    assert rest["amount"] == "5.00"
    assert "thinned to one each quarter of an hour" in rest["title"]
