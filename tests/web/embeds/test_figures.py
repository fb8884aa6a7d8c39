"""The figures of a panel: those that it shows, and no others."""

from typing import Any

import pytest

from pnl.access.grants import PANELS
from pnl.domain.snapshot import LINES
from pnl.web.embed.panels import KNOWN, narrow, narrow_day
from tests.web.embedding import Embedding, bearer


def live(world: Embedding, panel: str) -> dict[str, Any]:
    answer = world.client().get(f"/embed/{panel}/data", headers=bearer(world.token(panel)))
    message: dict[str, Any] = answer.get_json()["messages"][0]
    assert message["t"] == "snapshot"
    data: dict[str, Any] = message["data"]
    return data


@pytest.mark.parametrize(
    ("panel", "lines", "has_net", "has_positions"),
    [
        ("net", (), True, False),
        ("equity", (), True, False),
        ("costs", ("api_cost", "trading_fees", "operating_cost"), False, False),
        ("revenue", ("revenue", "refunds", "processor_fees", "adjustments"), False, False),
        ("positions", (), False, True),
        ("activity", (), False, False),
        ("waterfall", LINES, True, False),
        ("kpis", LINES, True, False),
    ],
)
def test_live_figures_of_a_panel_hold_only_what_it_shows(
    world: Embedding, panel: str, lines: tuple[str, ...], has_net: bool, has_positions: bool
) -> None:
    data = live(world, panel)

    assert set(data["lines"]) == set(lines)
    assert ("net" in data) is has_net
    assert bool(data["positions"]) is has_positions
    assert data["seq"] == world.company.seq
    assert set(data) <= {
        "schema", "seq", "as_of", "day", "demo", "finality", "line_finality", "complete", "missing", "lines",
        "positions", "sources", "net", "net_realised",
    }  # fmt: skip
    assert bool(data["sources"]) is (panel == "kpis")
    assert all("error" not in state for state in data["sources"].values())


@pytest.mark.parametrize(
    ("panel", "missing"),
    [
        ("costs", []),
        ("revenue", []),
        ("activity", []),
        ("positions", ["trading_unrealised"]),
        ("net", ["trading_unrealised"]),
        ("calendar", ["trading_unrealised"]),
        ("kpis", ["trading_unrealised"]),
    ],
)
def test_a_panel_is_incomplete_only_for_want_of_a_line_that_it_shows(
    world: Embedding, panel: str, missing: list[str]
) -> None:
    lacking: dict[str, Any] = {"complete": False, "missing": ["trading_unrealised"]}
    snapshot = world.client().get("/api/pnl/current").get_json() | lacking
    day = world.client().get("/api/pnl/days?from=2026-11-19").get_json()["days"][0] | lacking

    for told in (narrow(KNOWN[panel], snapshot), narrow_day(KNOWN[panel], day)):
        assert (told["complete"], told["missing"]) == (not missing, missing)


def test_the_past_of_a_panel_is_that_of_its_own_figures(world: Embedding) -> None:
    token = world.token("costs", "net")

    def fields(panel: str, asked: str) -> set[str]:
        address = f"/embed/{panel}/history?from=2026-11-19&step=1d&fields={asked}"
        row = world.client().get(address, headers=bearer(token)).get_json()["rows"][0]
        return set(row) - {"at", "count", "expected", "quality"}

    assert fields("costs", "net,api_cost,equity,trading_fees") == {"api_cost", "trading_fees"}
    assert fields("costs", "net") == {"api_cost"}
    assert fields("net", "revenue,net") == {"net"}
    days = world.client().get("/embed/costs/days?from=2026-11-18", headers=bearer(token)).get_json()
    assert {name for day in days["days"] for name in day} == {"day", "complete", "missing", "lines", "restated_by"}
    assert {name for day in days["days"] for name in day["lines"]} == {"api_cost", "trading_fees", "operating_cost"}
    assert "net" not in days["total"]


def test_a_link_whose_range_is_settled_sees_no_further_back(world: Embedding) -> None:
    today, week = world.token("net", range="1d"), world.token("net", range="7d")

    def first(token: str) -> str:
        found = world.client().get("/embed/net/days?from=2026-11-01", headers=bearer(token)).get_json()["days"]
        rows = (
            world.client().get("/embed/net/history?from=2020-01-01&step=1d", headers=bearer(token)).get_json()["rows"]
        )
        assert rows[0]["at"] >= f"{found[0]['day']}T00"
        return str(found[0]["day"])

    assert first(week) == "2026-11-18"
    assert first(today) == "2026-11-19"


def test_activity_tells_no_id_and_no_text_of_a_source(world: Embedding) -> None:
    answer = world.client().get("/embed/activity/activity", headers=bearer(world.token("activity")))

    kinds = {row["kind"] for row in answer.get_json()["records"]}
    assert kinds == {"fill", "settlement", "cost", "revenue"}
    for hidden in ("inv-1", "Ada & Sons", "raw", "order", "customer", "subaccount", "workspace"):
        assert hidden not in answer.text
    titles = answer.get_json()["titles"]
    assert set(titles) == {row["detail"]["ticker"] for row in answer.get_json()["records"] if "ticker" in row["detail"]}


def test_what_a_panel_does_not_read_it_cannot_ask_for(world: Embedding) -> None:
    token = world.token(*PANELS)
    for panel, part in (("net", "activity"), ("positions", "history"), ("positions", "days"), ("activity", "history")):
        assert world.client().get(f"/embed/{panel}/{part}", headers=bearer(token)).status_code == 404


def test_the_drawdown_of_days_is_that_of_every_snapshot_of_them(world: Embedding) -> None:
    client = world.client()
    token = world.token("drawdown")
    told = client.get("/embed/drawdown/days?from=2026-11-18&to=2026-11-21", headers=bearer(token)).get_json()
    days = f"from={told['days'][0]['day']}&to=2026-11-21"
    explained = client.get(f"/api/pnl/explain?figure=max_drawdown&{days}").get_json()

    assert told["drawdown"] == explained["amount"]
    assert told["drawdown"].startswith("-")
    other = client.get("/embed/net/days?from=2026-11-18", headers=bearer(world.token("net"))).get_json()
    assert "drawdown" not in other
