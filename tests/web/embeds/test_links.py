"""Links to panels are made, listed and revoked over the API, and refused where they make no sense."""

import json

import pytest

from pnl.access.grants import PANELS
from tests.web.embedding import ORIGIN, WIKI, Embedding
from tests.web.embeds.pages import metas


def test_links_are_made_listed_and_revoked_over_the_api(world: Embedding) -> None:
    client = world.client()
    wanted = {"panels": ["costs", "net"], "range": "7d", "theme": "dark", "days": 1, "parents": [f"{WIKI}:443/"]}

    made = client.post("/api/pnl/embeds", json=wanted, headers=ORIGIN)
    preview = client.post("/api/pnl/embeds", json={"panels": ["net"], "preview": True}, headers=ORIGIN)
    listed = client.get("/api/pnl/embeds").get_json()

    assert made.status_code == 201
    assert made.get_json()["link"]["parents"] == [WIKI]
    assert made.get_json()["path"].startswith("/embed/costs?token=nsl_")
    assert client.get(made.get_json()["path"]).status_code == 200
    assert (preview.status_code, preview.get_json()["link"]) == (200, None)
    assert [link["number"] for link in listed["links"]] == [made.get_json()["link"]["number"]]
    assert made.get_json()["token"] not in json.dumps(listed)
    assert listed["links"][0]["state"] == "open"
    assert [panel["name"] for panel in listed["panels"]] == list(PANELS)

    number = made.get_json()["link"]["number"]
    assert client.delete(f"/api/pnl/embeds/{number}", headers=ORIGIN).get_json() == {"ended": 1}
    assert client.delete(f"/api/pnl/embeds/{number}", headers=ORIGIN).status_code == 404
    assert client.get("/api/pnl/embeds").get_json()["links"][0]["state"] == "revoked"
    assert client.get(made.get_json()["path"]).status_code == 401
    client.post("/api/pnl/embeds", json=wanted, headers=ORIGIN)
    client.post("/api/pnl/embeds", json=wanted, headers=ORIGIN)
    assert client.delete("/api/pnl/embeds", headers=ORIGIN).get_json() == {"ended": 2}


@pytest.mark.parametrize(
    ("change", "parameter"),
    [
        ({"panels": []}, "panels"),
        ({"panels": "net"}, "panels"),
        ({"panels": ["net", "all"]}, "panels"),
        ({"range": "5y"}, "range"),
        ({"range": ["1d"]}, "range"),
        ({"range": "1h"}, "range"),
        ({"panels": ["calendar"], "range": "1h"}, "range"),
        ({"panels": ["net", "positions"], "range": "7d"}, "range"),
        ({"theme": "pink"}, "theme"),
        ({"days": 0}, "days"),
        ({"days": 367}, "days"),
        ({"days": True}, "days"),
        ({"days": "30"}, "days"),
        ({"parents": []}, "parents"),
        ({"parents": ["*"]}, "parents"),
        ({"parents": ["https://evil.example"]}, "parents"),
        ({"parents": [7]}, "parents"),
        ({"preview": 1}, "preview"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_link_that_makes_no_sense_is_refused_by_field_and_value(
    world: Embedding, change: dict[str, object], parameter: str
) -> None:
    answer = world.client().post("/api/pnl/embeds", json={"panels": ["net"]} | change, headers=ORIGIN)

    assert answer.status_code == 400
    assert answer.get_json()["parameter"] == parameter
    assert world.embeds.links() == ()


def test_a_link_made_over_the_api_may_settle_days(world: Embedding) -> None:
    client = world.client()
    wanted = {"panels": ["net"], "from": "2026-11-18", "to": "2026-11-19", "compare": "none"}

    made = client.post("/api/pnl/embeds", json=wanted, headers=ORIGIN).get_json()

    assert made["link"]["locked"] == {"from": "2026-11-18", "to": "2026-11-19", "compare": "none"}
    assert metas(client.get(made["path"]).text)["over"] == "1"
    for change, parameter in (
        ({"from": "x"}, "from"),
        ({"from": "2026-11-19", "to": "2026-11-18"}, "to"),
        ({"from": "2026-11-18", "range": "7d", "to": None}, "from"),
        ({"to": "now", "from": None}, "to"),
        ({"from": 7}, "from"),
        ({"compare": "x"}, "compare"),
        ({"panels": ["net", "kpis"]}, "from"),
    ):
        refused = client.post("/api/pnl/embeds", json=wanted | change, headers=ORIGIN)
        assert (refused.status_code, refused.get_json()["parameter"]) == (400, parameter), change
