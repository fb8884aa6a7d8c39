"""`/api/pnl/explain` of the two sides of a check: ours down to records, the source's as the source said it."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from pnl.domain.checks import Check
from pnl.domain.explain import figure, find
from pnl.domain.explain.instant import of_instant
from pnl.domain.money import count_text
from pnl.domain.records import KINDS
from pnl.domain.snapshot import instant, money
from tests.domain.explaining import holds_up, keys
from tests.web.kept import Kept
from tests.web.past import app, three_days
from tests.web.test_explain import all_below, leaves, told

SIDES = ("expected", "actual")


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    made = three_days(tmp_path)
    yield made
    made.close()


@pytest.fixture
def client(kept: Kept) -> FlaskClient:
    return app(kept).test_client()


def spelled(check: Check, side: str) -> str | None:
    amount = check.expected if side == "expected" else check.actual
    return count_text(amount) if check.counts else money(amount)


def test_both_sides_of_every_check_add_up_to_what_the_check_says(kept: Kept, client: FlaskClient) -> None:
    ids = {(one.source, one.kind, one.id) for one in kept.store.facts(*KINDS)}
    made = list(kept.ledger.reconciliation.checks())

    for check in made:
        for side in SIDES:
            name = f"check.{check.name}.{side}.{check.scope}"
            root = told(client, name)
            nodes = all_below(client, name, root)
            assert root["amount"] == spelled(check, side), name
            assert {(one["source"], one["kind"], one["id"]) for one in leaves(nodes)} <= ids
            assert root["children"] or root["note"], f"{name} says nothing"
            assert [(one["name"], one["scope"]) for one in root["checks"]] == [(check.name, check.scope)]
    assert {"I1_position", "I2_identity", "I4_settlement", "I5_cash", "I5_credit", "I6_equity", "identity"} <= {
        check.name for check in made
    }


def test_a_side_of_the_source_says_where_and_when_it_was_read(client: FlaskClient) -> None:
    held = told(client, "check.I1_position.actual.KXFED-1")
    cash = told(client, "check.I5_cash.actual.account")
    settled = told(client, "check.I4_settlement.actual.KXGAS-2")

    assert "GET /portfolio/positions, read at 2026-11-20 20:00:30 UTC" in held["note"]
    assert "GET /portfolio/balance, read at 2026-11-20 20:00:30 UTC" in cash["note"]
    assert settled["children"][0]["record"]["kind"] == "settlement"


def test_what_a_settled_market_should_pay_opens_into_its_fills_and_its_settlement(client: FlaskClient) -> None:
    name = "check.I4_settlement.expected.KXGAS-2"
    root = told(client, name)

    found = leaves(all_below(client, name, root))
    assert {(one["kind"], one["id"]) for one in found} == {("fill", "f2"), ("settlement", "KXGAS-2")}
    held = next(one for one in root["children"] if one["node"] == "held")
    assert held["rule"] == "product"


@pytest.mark.parametrize("figure", ["unrealised_total", "positions.value", "position.KXFED-1.average_price"])
def test_the_contracts_of_a_value_open_into_the_fills_that_make_them(client: FlaskClient, figure: str) -> None:
    nodes = all_below(client, figure, told(client, figure))

    held = [one for one in nodes if one["node"].split("/")[-1] == "contracts"]
    assert held
    for one in held:
        fills = told(client, figure, node=one["node"])["children"]
        assert {fill["record"]["id"] for fill in fills} == {"f1", "f3"}
        assert sum(Decimal(fill["amount"]) for fill in fills) == Decimal(one["amount"])


def test_what_we_expect_of_the_cash_has_no_remainder(client: FlaskClient) -> None:
    root = told(client, "check.I5_cash.expected.account")

    assert [one["title"] for one in root["children"] if one["rule"] == "remainder"] == []
    assert Decimal(root["amount"]) == sum(Decimal(one["amount"]) for one in root["children"])
    assert len(root["children"]) > 2


def test_a_side_of_the_past_is_that_of_the_snapshot_that_changed_it(kept: Kept, client: FlaskClient) -> None:
    name, scope = "I5_cash", "account"
    changes = kept.store.check_history(name, scope, None, None)

    for change in changes:
        for side in SIDES:
            root = told(client, f"check.{name}.{side}.{scope}", as_of=instant(change.at))
            if change.seq < kept.seq:
                assert root["amount"] == (change.expected if side == "expected" else change.actual)
                assert f"as it stood in snapshot {change.seq}," in root["note"]
    assert len(changes) > 1
    before = client.get(
        "/api/pnl/explain",
        query_string={
            "figure": f"check.{name}.actual.{scope}",
            "as_of": instant(changes[0].at - timedelta(hours=1)),
        },
    )
    assert before.status_code == 404


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("check.I1_position.expected.KXNO-1", 404),
        ("check.I9.actual.account", 404),
        ("check.I1_position.both.KXFED-1", 400),
        ("check.I1_position.actual", 400),
        ("check", 400),
    ],
)
def test_a_side_that_there_is_not_is_refused(client: FlaskClient, name: str, status: int) -> None:
    assert client.get("/api/pnl/explain", query_string={"figure": name}).status_code == status


def test_a_check_of_a_market_that_we_never_traded_says_so(kept: Kept) -> None:
    asked = figure("check.record_conflict.actual.revenue/sale/x")
    assert asked
    kept.ledger.reconciliation.also([Check("record_conflict", "revenue/sale/x", 0, 100, reason="y", counts=True)], ())

    root = of_instant(asked, kept.ledger)

    assert root
    assert (root.amount, root.unit) == (100, "contracts")
    assert "came again" in root.note
    assert find(root, "") is not None
    assert holds_up(root, keys([])) == [root]
