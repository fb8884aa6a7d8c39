"""`/api/pnl/explain` over a store with a past: what was shown, what is known, and the records that add up to it."""

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from pnl.domain.explain import DAILY, TEXTS, TOTALS
from pnl.domain.outcome import CASES, outcomes, stakes_of, to_json
from pnl.domain.records import KINDS
from pnl.domain.snapshot import LINES, instant
from pnl.web.describe import document
from tests.domain.strategies import entry
from tests.web.kept import Kept
from tests.web.past import FIRST, app, three_days


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    made = three_days(tmp_path)
    yield made
    made.close()


@pytest.fixture
def client(kept: Kept) -> FlaskClient:
    return app(kept).test_client()


def told(client: FlaskClient, figure: str, **more: object) -> Any:  # noqa: ANN401 - JSON
    """Return an explanation."""
    answer = client.get("/api/pnl/explain", query_string={"figure": figure, **more})
    assert answer.status_code == 200, answer.text
    return answer.json


def amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def holds(node: Any) -> bool:  # noqa: ANN401 - JSON
    """Tell whether a node's amount is what its rule makes of the children that are sent."""
    parts = [amount(child["amount"]) for child in node["children"]]
    known = [part for part in parts if part is not None]
    mine = amount(node["amount"])
    if mine is None:
        return len(known) < len(parts) or not parts
    rules: dict[str, Callable[[], bool]] = {
        "sum": lambda: mine == sum(known),
        "difference": lambda: mine == known[0] - sum(known[1:]),
        "product": lambda: mine == known[0] * known[1],
        "quotient": lambda: abs(mine - known[0] / known[1]) <= Decimal("0.0000005"),
        "count": lambda: mine == sum(part > 0 for part in known),
    }
    return rules[node["rule"]]() if node["rule"] in rules else not parts


def all_below(client: FlaskClient, figure: str, root: Any, **more: object) -> list[Any]:  # noqa: ANN401 - JSON
    """Return every node of an explanation, each opened by its path, and check each."""
    found, queue, seen = [], [root], set()
    while queue:
        node = queue.pop()
        if "children" not in node and node["rule"] not in ("record", "mark", "constant", "remainder"):
            opened = told(client, figure, **more, node=node["node"])
            assert (opened["node"], opened["amount"]) == (node["node"], node["amount"])
            node = opened
        assert node["node"] not in seen
        seen.add(node["node"])
        found.append(node)
        if "children" in node:
            assert holds(node), node
            queue += node["children"]
    return found


def leaves(nodes: list[Any]) -> list[Any]:
    return [node["record"] for node in nodes if "record" in node]


INSTANT = [
    *(name for name in TEXTS if name not in DAILY),
    *(f"positions.{field}" for field in TOTALS),
    *(f"outcome.{case}" for case in CASES),
]


@pytest.mark.parametrize("figure", [*DAILY, *INSTANT])
def test_the_newest_screen_is_explained_down_to_records_that_are_in_the_store(
    kept: Kept, client: FlaskClient, figure: str
) -> None:
    root = told(client, figure)

    nodes = all_below(client, figure, root)

    assert root["at"]["seq"] == kept.seq
    assert root["as_seen"] is True
    kept_ids = {(one.source, one.kind, one.id) for one in kept.store.facts(*KINDS)}
    assert {(one["source"], one["kind"], one["id"]) for one in leaves(nodes)} <= kept_ids
    assert all(one["version"] for one in leaves(nodes))
    assert [node["title"] for node in nodes if node["rule"] == "remainder"] == []


@pytest.mark.parametrize("figure", [*LINES, "net", "net_realised", "unrealised_total"])
def test_every_screen_of_the_past_is_explained_as_it_was_shown(kept: Kept, client: FlaskClient, figure: str) -> None:
    for seq in range(1, kept.seq + 1):
        row = kept.store.row(seq)
        assert row is not None
        shown = {
            **row.lines,
            "net": row.net,
            "net_realised": row.net_realised,
            "unrealised_total": row.unrealised_total,
        }

        root = told(client, figure, at=seq)
        nodes = all_below(client, figure, root, at=seq)

        assert [node["title"] for node in nodes if node["rule"] == "remainder"] == []
        want = shown[figure]
        assert amount(root["amount"]) == (None if want is None else Decimal(want).scaleb(-9))
        assert root["at"]["seq"] == seq


def test_a_cost_whose_readings_an_earlier_version_let_go_of_is_told_apart(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pnl.store.readings.standing", lambda *_asked: [])

    nodes = all_below(client, "api_cost", told(client, "api_cost", at=2), at=2)

    gone = [node for node in nodes if node["rule"] == "remainder"]
    assert gone
    assert "let go of those that were replaced" in gone[0]["title"]


def test_amounts_in_notes_are_dollars(client: FlaskClient) -> None:
    nodes = all_below(client, "api_cost", told(client, "api_cost"))

    notes = [node["note"] for node in nodes if "were reported for the UTC day" in (node.get("note") or "")]
    assert notes
    assert all(re.match(r"\$\d+\.\d{2,9} were reported", note) for note in notes), notes


@pytest.mark.parametrize("figure", DAILY)
def test_days_are_explained_as_they_are_known_now_and_as_they_were(client: FlaskClient, figure: str) -> None:
    days = ["2026-11-18", "2026-11-19", "2026-11-20"]
    asked: list[dict[str, str]] = [{"day": day} for day in days]
    asked += [{"from": days[0], "to": "2026-11-21"}, {"day": days[0], "as_of": "2026-11-19T21:00:00Z"}]

    roots = [told(client, figure, **one) for one in asked]
    for root, one in zip(roots, asked, strict=True):
        all_below(client, figure, root, **one)

    known = [amount(root["amount"]) for root in roots[:3]]
    assert amount(roots[3]["amount"]) == sum(one for one in known if one is not None)
    assert [root["as_seen"] for root in roots] == [False] * 5


@pytest.mark.parametrize("figure", DAILY)
def test_what_a_figure_grew_by_is_one_snapshot_less_another(kept: Kept, client: FlaskClient, figure: str) -> None:
    rows = [row for seq in range(1, kept.seq + 1) if (row := kept.store.row(seq))]

    for first, last in ((rows[1], rows[2]), (rows[1], rows[4]), (rows[0], rows[-1]), (rows[3], rows[3])):
        asked = {"from": text(first.as_of), "to": text(last.as_of + timedelta(milliseconds=1))}
        root = told(client, figure, **asked)
        nodes = all_below(client, figure, root, **asked)

        shown = {**last.lines, "net": last.net}
        if figure in shown:
            days = {row.day: row for row in rows if first.seq <= row.seq <= last.seq}
            ends = [{**row.lines, "net": row.net}[figure] for row in days.values()]
            begin = {**first.lines, "net": first.net}[figure]
            if None not in (*ends, begin):
                assert amount(root["amount"]) == Decimal(sum(one or 0 for one in ends) - (begin or 0)).scaleb(-9)
        assert root["rule"] == "difference"
        assert root["as_seen"] is True
        assert [node["title"] for node in nodes if node["rule"] == "remainder"] == []


def text(at: datetime) -> str:
    """Return an instant as it is asked for."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@pytest.mark.parametrize("which", ["high", "low"])
def test_the_highest_and_the_lowest_net_of_a_day_open_as_their_snapshot(
    kept: Kept, client: FlaskClient, which: str
) -> None:
    days = kept.store.company_days(None, None)
    for seen in days:
        root = told(client, "net", day=seen.day.isoformat(), at=which)
        net = seen.high if which == "high" else seen.low
        assert amount(root["amount"]) == Decimal(net or 0).scaleb(-9)
        row = kept.store.row(root["at"]["seq"])
        assert row
        assert (row.day, row.net) == (seen.day, net)
    first = kept.store.row(days[0].first)
    assert first
    only = told(client, "net", day=days[0].day.isoformat(), at=which, as_of=text(first.as_of))
    assert only["at"]["seq"] == first.seq


def test_the_cumulative_net_opens_into_the_days_as_they_were_shown(kept: Kept, client: FlaskClient) -> None:
    root = told(client, "cumulative_net")

    nodes = all_below(client, "cumulative_net", root)

    assert [child["title"] for child in root["children"]] == ["2026-11-20", "2026-11-19", "2026-11-18"]
    seen = [one.last.net for one in kept.store.company_days(None, None)]
    assert amount(root["amount"]) == Decimal(sum(net or 0 for net in seen)).scaleb(-9)
    assert leaves(nodes)


def test_the_opening_is_told_market_by_market(client: FlaskClient) -> None:
    root = told(client, "trading_unrealised", day="2026-11-19")

    assert root["rule"] == "difference"
    opening = told(client, "trading_unrealised", day="2026-11-19", node="opening")
    assert {child["node"] for child in opening["children"]} == {"opening/KXFED-1", "opening/KXGAS-2"}
    fed = told(client, "trading_unrealised", day="2026-11-19", node="opening/KXFED-1")
    assert [child["title"] for child in fed["children"]] == ["Value", "Exposure"]
    contracts, price = fed["children"][0]["children"]
    assert (contracts["amount"], contracts["unit"], price["amount"]) == ("100.00", "contracts", "0.47")
    assert price["mark"] == {
        "ticker": "KXFED-1",
        "at": "2026-11-18T23:00:00.000Z",
        "side": "yes",
        "price": "0.47",
        "source": "bid",
    }


def test_a_position_is_explained_field_by_field(kept: Kept, client: FlaskClient) -> None:
    (row,) = [row for row in kept.ledger.rows() if row.ticker == "KXFED-1"]

    average = told(client, "position.KXFED-1.average_price")
    exposure = told(client, "position.KXFED-1.exposure")

    assert average["rule"] == "quotient"
    assert amount(average["amount"]) == Decimal(row.average_price or 0).scaleb(-9)
    assert [(leaf["record"]["id"], leaf["amount"]) for leaf in exposure["children"]] == [
        ("f3", "-16.80"),
        ("f1", "42.00"),
    ]
    assert exposure["children"][1]["record"]["detail"]["count"] == "100.00"


def test_what_is_held_at_settlement_opens_into_the_events_that_positions_tell(kept: Kept, client: FlaskClient) -> None:
    outcome: dict[str, Any] = to_json(outcomes(stakes_of(kept.ledger.rows())))

    for case in CASES:
        assert told(client, f"outcome.{case}")["amount"] == outcome[case]
        for event in outcome["events"]:
            assert told(client, f"event.{event['event']}.{case}")["amount"] == event[case]
    assert outcome["events"]


def test_a_customer_opens_into_its_entries(client: FlaskClient) -> None:
    root = told(client, "revenue", day="2026-11-18")

    (customer,) = root["children"]
    assert customer["title"] == "Ada & Sons"
    assert customer["node"] == "Ada~20~26~20Sons"
    (sale,) = customer["children"]
    assert sale["record"]["detail"]["customer"] == "Ada & Sons"


@pytest.mark.parametrize("name", ["new\nline", "tab\tbed", "a/b~c%2F", "\u202eright"])
def test_a_customer_opens_whatever_its_name_holds(kept: Kept, client: FlaskClient, name: str) -> None:
    at = FIRST + timedelta(days=3)
    kept.tick(at, replace(entry("sale", "12.34", at.date(), name="odd"), customer=name))
    days = {"from": at.date().isoformat(), "to": (at.date() + timedelta(days=1)).isoformat()}
    broken = client.get("/api/pnl/breakdown", query_string={"by": "customer", **days}).json
    assert broken
    (row,) = [row for row in broken["rows"] if row["key"] == name]

    root = told(client, "net", by="customer", key=row["key"], **days)

    assert root["amount"] == row["amount"] == "12.34"
    assert holds(root)


def test_checks_that_cover_a_figure_are_named(client: FlaskClient) -> None:
    cash = told(client, "cash")
    fed = told(client, "position.KXFED-1.realised")

    assert {(one["name"], one["scope"], one["state"]) for one in cash["checks"]} >= {("I5_cash", "account", "ok")}
    (check,) = fed["checks"]
    assert (check["name"], check["scope"], check["state"], check["difference"]) == ("I3_realised", "KXFED-1", "ok", "0")
    assert check["since"]


def test_a_wide_node_is_sent_in_parts_that_add_up(kept: Kept, client: FlaskClient) -> None:
    at = FIRST + timedelta(days=3)
    luck = random.Random(5)
    sales = [
        replace(entry("sale", f"{luck.randrange(1, 900)}.00", at.date(), name=f"s{number}"), customer=f"c{number}")
        for number in range(150)
    ]
    kept.tick(at, *sales)

    pages = [told(client, "revenue")]
    while pages[-1]["next"]:
        pages.append(told(client, "revenue", node=pages[-1]["next"]))

    assert [page["count"] for page in pages] == [150, 90, 30]
    assert all(holds(page) for page in pages)
    titles = [child["title"] for page in pages for child in page["children"] if "record" not in child]
    assert len([title for title in titles if not title.endswith(" more")]) == 150
    deep = pages[2]["children"][3]
    assert told(client, "revenue", node=deep["node"])["amount"] == deep["amount"]


@pytest.mark.parametrize(
    ("query", "status", "parameter"),
    [
        ({}, 400, "figure"),
        ({"figure": "profit"}, 400, "figure"),
        ({"figure": "position.KXFED-1.colour"}, 400, "figure"),
        ({"figure": "position.KXNO-1.value"}, 404, None),
        ({"figure": "event.KXNO.worst_case"}, 404, None),
        ({"figure": "event.KXNO.colour"}, 400, "figure"),
        ({"figure": "outcome.worst_case", "from": "2026-11-18", "to": "2026-11-20"}, 400, "figure"),
        ({"figure": "net", "node": "nothing/here"}, 404, None),
        ({"figure": "net", "node": "~r999"}, 404, None),
        ({"figure": "net", "at": "99"}, 400, "at"),
        ({"figure": "net", "at": "2", "day": "2026-11-18"}, 400, "at"),
        ({"figure": "net", "at": "high"}, 400, "at"),
        ({"figure": "revenue", "at": "low", "day": "2026-11-18"}, 400, "figure"),
        ({"figure": "net", "at": "high", "day": "2020-01-01"}, 400, "day"),
        ({"figure": "net", "from": "2026-11-18T15:00:00Z", "to": "2026-11-18T14:00:00Z"}, 400, "to"),
        ({"figure": "net", "from": "2020-11-18T15:00:00Z", "to": "2020-11-18T16:00:00Z"}, 400, "from"),
        ({"figure": "net", "from": "2026-11-18T15:00:00Z", "to": "2026-11-19", "at": "2"}, 400, "at"),
        ({"figure": "cash", "from": "2026-11-18T15:00:00Z", "to": "2026-11-19"}, 400, "figure"),
        ({"figure": "net", "from": "2026-11-18T15:00:00Z", "to": "2026-11-19", "as_of": "2026-11-19"}, 400, "as_of"),
        ({"figure": "net", "day": "2026-11-31"}, 400, "day"),
        ({"figure": "net", "day": "2020-01-01"}, 400, "day"),
        ({"figure": "net", "from": "2026-11-18"}, 400, "to"),
        ({"figure": "net", "from": "2026-11-18", "to": "2026-11-18"}, 400, "to"),
        ({"figure": "cash", "from": "2026-11-18", "to": "2026-11-20"}, 400, "figure"),
        ({"figure": "cash", "day": "2026-12-24"}, 400, "day"),
        ({"figure": "net", "as_of": "2020-01-01"}, 400, "as_of"),
        ({"figure": "net", "depth": "3"}, 400, "depth"),
    ],
)
def test_what_cannot_be_explained_is_refused_by_name(
    client: FlaskClient, query: dict[str, str], status: int, parameter: str | None
) -> None:
    answer = client.get("/api/pnl/explain", query_string=query)

    assert answer.status_code == status
    assert answer.json is not None
    assert answer.json.get("parameter") == parameter
    if query.get("figure") == "profit":
        assert "trading_realised" in answer.json["detail"]


def test_every_answer_is_as_its_schema_says(client: FlaskClient, kept: Kept) -> None:
    schema = document(app(kept))["components"]["schemas"]  # type: ignore[index, call-overload] # JSON
    rules = Draft202012Validator({"$ref": "#/components/schemas/Explanation", "components": {"schemas": schema}})

    for figure in [*TEXTS, "outcome.best_case", "positions.value", "position.KXGAS-2.position"]:
        rules.validate(told(client, figure))
    rules.validate(told(client, "net", day="2026-11-19"))
    rules.validate(told(client, "net", **{"from": "2026-11-18", "to": "2026-11-20"}))


def test_a_day_that_an_instant_belongs_to_is_explained_at_its_last_snapshot(client: FlaskClient) -> None:
    first = told(client, "cash", day="2026-11-18")

    assert first["at"]["seq"] == 3
    assert first["as_seen"] is True


def test_the_sum_of_a_snapshot_is_held_against_that_snapshots_figure_alone(client: FlaskClient) -> None:
    def identity(**more: object) -> set[Decimal | None]:
        root = told(client, "net", **more)
        return {amount(one["expected"]) for one in root["checks"] if one["name"] == "identity"}

    newest = amount(told(client, "net")["amount"])

    assert identity() == identity(day="2026-11-20") == {newest}
    assert identity(at=4) == {amount(told(client, "net", at=4)["amount"])}
    assert identity(day="2026-11-19") == identity(**{"from": "2026-11-18", "to": "2026-11-21"}) == set()
    assert identity(day="2026-11-19", as_of=instant(FIRST + 2 * timedelta(days=1))) == set()
    assert identity(**{"from": instant(FIRST), "to": instant(FIRST + 3 * timedelta(days=1))}) == set()


def test_the_identity_of_a_past_screen_is_held_by_its_own_net(kept: Kept, client: FlaskClient) -> None:
    for seq in range(1, kept.seq):
        root = told(client, "net", at=seq)
        (identity,) = [one for one in root["checks"] if one["name"] == "identity"]
        assert (identity["expected"], identity["actual"], identity["state"]) == (root["amount"], root["amount"], "ok")


@pytest.mark.parametrize("case", CASES)
def test_a_dollar_a_contract_is_no_price_that_was_quoted(client: FlaskClient, case: str) -> None:
    figure = f"outcome.{case}"

    nodes = all_below(client, figure, told(client, figure))

    assert all(node.get("mark") for node in nodes if node["rule"] == "mark")
    constants = {(node["title"], node["amount"]) for node in nodes if node["rule"] == "constant"}
    assert constants <= {("a contract that wins pays", "1.00"), ("no contracts", "0.00")}
    assert bool(constants) == (case != "expected")


def test_what_is_entered_by_hand_is_covered_by_the_identity(client: FlaskClient) -> None:
    found = {(one["name"], one["state"]) for one in told(client, "operating_cost")["checks"]}

    assert ("identity", "ok") in found
