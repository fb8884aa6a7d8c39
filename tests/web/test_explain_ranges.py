"""`/api/pnl/explain` of the course over a range: good days, the largest fall, the highest and the lowest net."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from pnl.domain.records import KINDS
from pnl.domain.snapshot import instant
from pnl.web.describe import document
from tests.web.kept import Kept
from tests.web.past import FIRST, app, three_days
from tests.web.test_explain import all_below, leaves, told

DAYS = {"from": "2026-11-18", "to": "2026-11-21"}
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
    assert {(one["name"], one["scope"]) for one in root["checks"]} >= {("identity", "net"), ("I5_cash", "account")}


def test_the_largest_fall_is_that_of_every_pair_of_snapshots(kept: Kept, client: FlaskClient) -> None:
    root = told(client, "max_drawdown", **DAYS, step="1m")

    assert Decimal(root["amount"]) == fall(course(kept)) < 0
    trough, peak = root["children"]
    assert root["rule"] == "difference"
    assert (trough["title"].split(",")[0], peak["title"].split(",")[0]) == ("Trough", "Peak")
    assert Decimal(root["amount"]) == Decimal(trough["amount"]) - Decimal(peak["amount"])


def test_a_wider_step_never_tells_a_larger_fall(client: FlaskClient) -> None:
    falls = [Decimal(told(client, "max_drawdown", **DAYS, step=step)["amount"]) for step in STEPS[:-2]]

    assert falls[0] < 0
    assert all(wider >= finer for finer, wider in pairwise(falls))


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
    if step == "1m":
        assert Decimal(root["amount"]) == fall(shown)
    assert Decimal(root["amount"]) >= fall(shown)
    assert root["as_seen"]
    assert all_below(client, "max_drawdown", root, **INSTANTS, step=step)


def test_a_point_that_was_shown_names_its_snapshot_and_opens_into_its_own_lines(client: FlaskClient) -> None:
    trough, _peak = told(client, "max_drawdown", **DAYS, step="1m")["children"]
    opened = told(client, "max_drawdown", **DAYS, step="1m", node=f"{trough['node']}")

    day = next(child for child in opened["children"] if child["node"].endswith("/shown"))
    seq = int(day["note"].split()[2].replace(",", ""))
    screen = told(client, "net", at=seq)
    below = told(client, "max_drawdown", **DAYS, step="1m", node=day["node"])
    assert below["amount"] == screen["amount"]
    assert [(one["title"], one["amount"]) for one in below["children"]] == [
        (one["title"], one["amount"]) for one in screen["children"]
    ]


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
        ({"figure": "max_drawdown", **DAYS, "step": "1m", "to": "2026-12-31"}, "step"),
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
