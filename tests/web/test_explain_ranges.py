"""`/api/pnl/explain` of the course over a range: good days, the largest fall, the highest and the lowest net."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from pnl.domain.records import KINDS
from pnl.domain.snapshot import LINES, instant
from pnl.web.describe import document
from tests.domain.strategies import entry, fill, mark
from tests.web.kept import Kept
from tests.web.past import FIRST, api, app, three_days
from tests.web.test_explain import all_below, leaves, told

DAYS = {"from": "2026-11-18", "to": "2026-11-21"}
SECOND = timedelta(seconds=1)
STEPS = ("1m", "5m", "15m", "1h", "4h", "1d", "1w", "auto")
BEGIN = datetime(2026, 11, 18, 12, tzinfo=FIRST.tzinfo)
INSTANTS = {"from": instant(BEGIN), "to": instant(BEGIN + timedelta(days=3))}


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    made = three_days(tmp_path)
    yield made
    made.close()


@pytest.fixture
def client(kept: Kept) -> FlaskClient:
    return app(kept).test_client()


def nets(kept: Kept, known: datetime | None = None) -> dict[str, Decimal]:
    """Return the net of each day as known."""
    days = kept.stated(None, None, known)
    return {f"{one.day}": Decimal(sum(amount or 0 for amount in one.lines.values())).scaleb(-9) for one in days}


def course(kept: Kept) -> list[Decimal]:
    """Return the net since the first day at every snapshot and every midnight, as the records know the days."""
    known, before, found = nets(kept), Decimal(0), [Decimal(0)]
    rows = list(kept.store.rows(None, None))
    for day, net in known.items():
        found += [before + Decimal(row.net or 0).scaleb(-9) for row in rows if f"{row.day}" == day]
        before += net
        found.append(before)
    return found


def shown(kept: Kept) -> list[Decimal]:
    """Return the net since the first day at every snapshot, each day from where the one before it was seen to end."""
    found, before = [Decimal(0)], Decimal(0)
    for day in nets(kept):
        own = [Decimal(row.net or 0).scaleb(-9) for row in kept.store.rows(None, None) if f"{row.day}" == day]
        found += [before + net for net in own]
        before = found[-1]
    return found


def fall(amounts: list[Decimal]) -> Decimal:
    """Return the largest fall, by trying every pair."""
    return min(late - early for place, early in enumerate(amounts) for late in amounts[place:])


def test_profitable_days_open_into_the_days_and_each_into_its_own_net(kept: Kept, client: FlaskClient) -> None:
    root = told(client, "profitable_days", **DAYS)

    known = nets(kept)
    assert (root["unit"], root["rule"], root["title"]) == ("days", "count", "Profitable days")
    assert root["amount"] == str(sum(net > 0 for net in known.values()))
    assert {child["title"]: Decimal(child["amount"]) for child in root["children"]} == known
    assert root["note"] == "of 3 days"
    for child in root["children"]:
        own = told(client, "net", day=child["title"])
        opened = told(client, "profitable_days", **DAYS, node=child["node"])
        assert opened["amount"] == own["amount"]
        assert [(one["title"], one["amount"]) for one in opened["children"]] == [
            (one["title"], one["amount"]) for one in own["children"]
        ]
    assert ("I5_cash", "account") in {(one["name"], one["scope"]) for one in root["checks"]}


def test_the_largest_fall_is_that_of_every_pair_of_snapshots(kept: Kept, client: FlaskClient) -> None:
    root = told(client, "max_drawdown", **DAYS, step="1m")

    assert Decimal(root["amount"]) == fall(shown(kept)) < 0
    trough, peak, *restated = root["children"]
    assert root["rule"] == "difference"
    assert (trough["title"].split(",")[0], peak["title"].split(",")[0]) == ("Trough", "Peak")
    assert [one["title"] for one in restated] == ["What days were restated by in between"]
    taken = sum(Decimal(one["amount"]) for one in (peak, *restated))
    assert Decimal(root["amount"]) == Decimal(trough["amount"]) - taken


@pytest.mark.parametrize("figure", ["max_drawdown", "highest_net", "lowest_net"])
def test_no_step_changes_what_every_snapshot_tells(client: FlaskClient, figure: str) -> None:
    for more in (DAYS, INSTANTS):
        told_by = {step: told(client, figure, **more, step=step) for step in STEPS}

        assert len({one["amount"] for one in told_by.values()}) == 1
        assert told_by["1w"] == told(client, figure, **more)


@pytest.mark.parametrize("figure", ["max_drawdown", "highest_net", "lowest_net"])
def test_days_before_any_source_has_answered_have_no_course(
    kept: Kept, monkeypatch: pytest.MonkeyPatch, figure: str
) -> None:
    unread = [
        replace(one, lines={**dict.fromkeys(LINES), "operating_cost": 0}) for one in kept.stated(None, None, None)
    ]
    monkeypatch.setattr(kept, "stated", lambda *_: unread)

    asked = app(kept).test_client().get("/api/pnl/explain", query_string={"figure": figure, **DAYS})

    assert asked.status_code == 400
    assert "nothing is known of the net" in asked.get_json()["detail"]


@pytest.mark.parametrize("figure", ["profitable_days", "max_drawdown", "highest_net", "lowest_net"])
@pytest.mark.parametrize("more", [{}, {"as_of": instant(FIRST + timedelta(days=1, hours=6))}, {"step": "4h"}])
def test_every_node_opens_down_to_records_that_are_kept(
    kept: Kept, client: FlaskClient, figure: str, more: dict[str, str]
) -> None:
    if figure == "profitable_days" and "step" in more:
        more = {}
    root = told(client, figure, **DAYS, **more)

    nodes = all_below(client, figure, root, **DAYS, **more)
    ids = {(one.source, one.kind, one.id) for one in kept.store.facts(*KINDS)}
    assert leaves(nodes)
    assert {(one["source"], one["kind"], one["id"]) for one in leaves(nodes)} <= ids
    assert [node["title"] for node in nodes if node["rule"] == "remainder"] == []
    assert not root["as_seen"]


@pytest.mark.parametrize("step", STEPS)
def test_between_instants_it_is_the_net_of_all_days_as_it_was_shown(kept: Kept, client: FlaskClient, step: str) -> None:
    root = told(client, "max_drawdown", **INSTANTS, step=step)
    high = told(client, "highest_net", **INSTANTS, step=step)
    low = told(client, "lowest_net", **INSTANTS, step=step)

    shown = [
        Decimal(told(client, "cumulative_net", at=row.seq)["amount"])
        for row in kept.store.rows(None, BEGIN + timedelta(days=3))
    ]
    assert Decimal(high["amount"]) == max(shown) - shown[0]
    assert Decimal(low["amount"]) == min(shown) - shown[0]
    assert Decimal(root["amount"]) == fall(shown)
    assert root["as_seen"]
    assert all_below(client, "max_drawdown", root, **INSTANTS, step=step)


def test_a_point_that_was_shown_names_its_snapshot_and_opens_into_its_own_lines(client: FlaskClient) -> None:
    trough, *_rest = told(client, "max_drawdown", **DAYS, step="1m")["children"]
    opened = told(client, "max_drawdown", **DAYS, step="1m", node=f"{trough['node']}")

    day = next(child for child in opened["children"] if child["node"].endswith("/shown"))
    seq = int(day["note"].split()[2].replace(",", ""))
    screen = told(client, "net", at=seq)
    below = told(client, "max_drawdown", **DAYS, step="1m", node=day["node"])
    assert below["amount"] == screen["amount"]
    assert [(one["title"], one["amount"]) for one in below["children"]] == [
        (one["title"], one["amount"]) for one in screen["children"]
    ]


@pytest.fixture
def beginning(tmp_path: Path) -> Iterator[Kept]:
    """Give a company whose sources answer one after the other: trading, which loses, then all of them."""
    made = Kept(tmp_path)
    sale = entry("sale", "1000.00", FIRST.date(), name="inv-1")
    bought = fill("yes", "100", "0.42", "1.70", ticker="KXFED-1", at=FIRST - timedelta(minutes=9), name="f1")
    made.tick(FIRST, revenue=False)
    quoted = mark("KXFED-1", bid="0.41", ask="0.43", at=FIRST)
    made.tick(FIRST + 10 * SECOND, bought, sale, marks=[quoted], revenue=False)
    made.tick(FIRST + 20 * SECOND, *api(FIRST, "3"))
    made.tick(FIRST + 30 * SECOND, entry("refund", "-20.00", FIRST.date(), name="inv-2"))
    yield made
    made.close()


@pytest.mark.parametrize("step", STEPS)
def test_a_snapshot_without_revenue_is_no_trough_by_any_step(beginning: Kept, step: str) -> None:
    client = app(beginning).test_client()
    day = {"from": "2026-11-18", "to": "2026-11-19", "step": step}
    instants = {"from": instant(FIRST), "to": instant(FIRST + 31 * SECOND), "step": step}

    for more in (day, instants):
        root = told(client, "max_drawdown", **more)
        assert Decimal(root["amount"]) == -20
        assert [one["title"].split(" ")[-1] for one in root["children"]] == ["10:00:30", "10:00:20"]
    assert told(client, "lowest_net", **instants)["amount"] == "-20.00"
    seen = beginning.store.company_days(None, None)[0]
    assert seen.low is not None
    assert Decimal(told(client, "lowest_net", **day)["amount"]) == min(0, Decimal(seen.low).scaleb(-9))


def test_a_range_of_instants_begins_at_its_first_complete_snapshot(beginning: Kept) -> None:
    client = app(beginning).test_client()
    instants = {"from": instant(FIRST), "to": instant(FIRST + 31 * SECOND)}

    lines = {name: told(client, name, **instants) for name in ("net", "revenue_total", "trading_total", "max_drawdown")}

    assert {one["at"]["begins"] for one in lines.values()} == {instant(FIRST + 20 * SECOND)}
    assert lines["net"]["amount"] == lines["revenue_total"]["amount"] == "-20.00"
    assert lines["trading_total"]["amount"] == "0"


def test_the_net_of_a_snapshot_that_knew_nothing_is_not_known(tmp_path: Path) -> None:
    made = Kept(tmp_path)
    made.tick(FIRST, trading=False, revenue=False)
    root = told(app(made).test_client(), "net", at=1)
    made.close()

    assert (root["amount"], root["children"]) == (None, [])
    assert root["note"]


def test_a_course_that_never_fell_says_so(kept: Kept, client: FlaskClient) -> None:
    first = next(iter(kept.store.rows(None, None)))
    more = {"from": instant(first.as_of), "to": instant(first.as_of + timedelta(seconds=5)), "step": "raw"}

    root = told(client, "max_drawdown", **more)

    assert (root["amount"], root["count"]) == ("0", 0)
    assert "never fell" in root["note"]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ({"figure": "max_drawdown"}, "from"),
        ({"figure": "max_drawdown", "from": "2026-11-18"}, "to"),
        ({"figure": "max_drawdown", **DAYS, "step": "2h"}, "step"),
        ({"figure": "max_drawdown", "from": "2026-10-01T00:00:00Z", "to": "2026-12-01T00:00:00Z"}, "from"),
        ({"figure": "max_drawdown", **DAYS, "at": "2"}, "at"),
        ({"figure": "max_drawdown", **DAYS, "by": "market", "key": "KXFED-1"}, "by"),
        ({"figure": "max_drawdown", **INSTANTS, "as_of": "2026-11-19"}, "as_of"),
        ({"figure": "max_drawdown", "from": "2020-01-01", "to": "2020-01-03"}, "from"),
        ({"figure": "max_drawdown", "from": "2020-01-01T00:00:00Z", "to": "2020-01-02"}, "from"),
        ({"figure": "profitable_days", **DAYS, "step": "1h"}, "step"),
        ({"figure": "profitable_days", **INSTANTS}, "from"),
        ({"figure": "net", **DAYS, "step": "1h"}, "step"),
    ],
)
def test_what_makes_no_sense_of_a_range_is_refused_by_name(
    client: FlaskClient, query: dict[str, str], parameter: str
) -> None:
    answer = client.get("/api/pnl/explain", query_string=query)

    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["parameter"] == parameter


def test_every_answer_about_a_range_is_as_its_schema_says(kept: Kept, client: FlaskClient) -> None:
    schema: Any = document(app(kept))["components"]
    rules = Draft202012Validator({"$ref": "#/components/schemas/Explanation", "components": schema})

    for figure in ("profitable_days", "max_drawdown", "highest_net", "lowest_net"):
        rules.validate(told(client, figure, **DAYS))
    rules.validate(told(client, "max_drawdown", **INSTANTS, step="1h"))
