"""What API use costs, over a real store: the month as the days say it, and as it was shown then."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from tests.domain.strategies import entry, fill, mark, record, settlement
from tests.history.company import Company
from tests.web.past import api

NOON = datetime(2026, 11, 18, 17, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def client(company: Company) -> FlaskClient:
    """A server of a company with three days."""
    company.tick(
        NOON,
        *api(NOON - DAY, "30"),
        *api(NOON, "5"),
        record(entry("sale", "100", date(2026, 11, 18), name="a"), version=1),
        fill("yes", "100", "0.40", "1", ticker="KXA", at=NOON - timedelta(hours=1), name="f1"),
        marks=[mark("KXA", bid="0.50", ask="0.52", at=NOON)],
    )
    company.tick(NOON + DAY, *api(NOON + timedelta(hours=6, minutes=59), "24"), *api(NOON + DAY, "8"))
    company.tick(
        NOON + 2 * DAY,
        *api(NOON + DAY + timedelta(hours=6, minutes=59), "20"),
        *api(NOON + 2 * DAY, "6"),
        settlement("yes", yes=("100", "40"), revenue=10_000, fee="1", ticker="KXA", at=NOON + 2 * DAY),
        record(entry("sale", "50", date(2026, 11, 20), name="b"), version=1),
    )
    return company.server(budget="100").test_client()


def told(client: FlaskClient, route: str, **asked: object) -> Any:  # noqa: ANN401 - JSON
    answer = client.get(f"/api/pnl/{route}", query_string=asked)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.json


def test_the_month_is_the_sum_of_its_days(client: FlaskClient) -> None:
    found = told(client, "economics")
    days = told(client, "days", **{"from": "2026-11-01", "to": "2026-12-01"})

    assert Decimal(found["cost"]["month"]) == -Decimal(days["total"]["lines"]["api_cost"])
    assert Decimal(found["cost"]["today"]) == -Decimal(days["days"][-1]["lines"]["api_cost"])
    assert found["per_revenue"]["month"]["result"] == "150.00"
    assert (found["day"], found["month"]["to"], found["seq"]) == ("2026-11-20", "2026-12-01", 3)


def test_today_is_that_of_the_newest_snapshot(client: FlaskClient) -> None:
    found, shown = told(client, "economics"), told(client, "current")

    assert found["as_of"] == shown["as_of"]
    assert Decimal(found["cost"]["today"]) == -Decimal(shown["lines"]["api_cost"])
    trading = sum(Decimal(shown["lines"][line]) for line in shown["lines"] if line.startswith("trading_"))
    assert Decimal(found["per_trading"]["today"]["result"]) == trading


def test_the_budget_and_the_rate_say_where_it_is_heading(client: FlaskClient) -> None:
    found = told(client, "economics")
    cost, before = found["cost"], found["before_today"]
    left = datetime.fromisoformat(found["month"]["ends_at"]) - datetime.fromisoformat(found["as_of"])

    rate = Decimal(before["rate_cost"]) / before["rate_ms"]
    assert abs(Decimal(cost["projected"]) - Decimal(cost["month"]) - rate * (left // timedelta(milliseconds=1))) < 1
    assert found["budget"] == "100.00"
    assert Decimal(cost["month"]) < 100 < Decimal(cost["projected"])
    assert cost["course"] == "this_month"
    assert "2026-11-20" <= cost["used_up_on"] <= "2026-11-30"


def test_the_past_is_told_as_it_was_known(client: FlaskClient) -> None:
    then = told(client, "economics", as_of=(NOON + timedelta(seconds=1)).isoformat().replace("+00:00", "Z"))

    assert (then["seq"], then["day"]) == (1, "2026-11-18")
    assert then["per_revenue"]["month"]["result"] == "100.00"


def test_it_is_as_its_schema_says_and_not_sent_twice(client: FlaskClient) -> None:
    document = client.get("/api/openapi.json").json
    assert document
    schema = {"$ref": "#/components/schemas/Economics", "components": document["components"]}
    answer = client.get("/api/pnl/economics")

    Draft202012Validator(schema).validate(answer.json)
    again = client.get("/api/pnl/economics", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_before_anything_is_known_it_says_when_to_ask_again(company: Company) -> None:
    answer = company.server().test_client().get("/api/pnl/economics")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")


@pytest.mark.parametrize(
    ("asked", "name"), [("as_of=2020-01-01", "as_of"), ("as_of=soon", "as_of"), ("month=11", "month")]
)
def test_what_cannot_be_told_is_refused_by_name(client: FlaskClient, asked: str, name: str) -> None:
    answer = client.get(f"/api/pnl/economics?{asked}")

    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["parameter"] == name
