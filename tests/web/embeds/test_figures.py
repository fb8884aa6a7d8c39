"""Panels for other sites' pages over HTTP: who gets them, with which headers, and what is in them."""

import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from pnl.access.grants import PANELS
from pnl.domain.snapshot import LINES
from pnl.web.embed.panels import KNOWN, narrow, narrow_day
from pnl.web.unchecked import note
from tests.access.embedding import signed
from tests.fakes import StillClock
from tests.web.embedding import HOST_KEY, ORIGIN, OTHER, WIKI, Embedding, bearer, embedding

DATA = ("history", "days", "activity", "data")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Embedding]:
    with embedding(tmp_path) as made:
        yield made


def directives(policy: str) -> dict[str, str]:
    return dict(part.strip().partition(" ")[::2] for part in policy.split(";"))


@pytest.mark.parametrize("panel", PANELS)
def test_a_panel_is_a_plain_page_that_only_its_sites_may_frame(world: Embedding, panel: str) -> None:
    answer = world.client().get(f"/embed/{panel}?token={world.token(panel)}&theme=light")

    assert answer.status_code == 200
    headers = answer.headers
    policy = directives(headers["Content-Security-Policy"])
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "connect-src": "'self'",
        "frame-ancestors": WIKI,
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Robots-Tag"] == "noindex"
    assert headers["X-Content-Type-Options"] == "nosniff"
    for absent in ("X-Frame-Options", "Set-Cookie", "Access-Control-Allow-Origin", "Cross-Origin-Opener-Policy"):
        assert absent not in headers
    assert "_dash" not in answer.text
    assert "nsl_" not in answer.text
    assert '<html lang="en"' in answer.text
    loaded = re.findall(r'(?:src|href)="(/embed/bundle/[^"]+)"', answer.text)
    assert len(loaded) == 3
    for src in loaded:
        found = world.client().get(src, headers={"Accept-Encoding": "gzip"})
        assert found.status_code == 200
        assert found.headers["Content-Encoding"] == "gzip"
        assert found.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert found.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_sites_of_the_token_count_only_where_the_settings_name_them(world: Embedding) -> None:
    token = world.embeds.make(["net"], {}, [WIKI, OTHER, "https://evil.example"], 30, "ann")[1]

    policy = directives(world.client().get(f"/embed/net?token={token}").headers["Content-Security-Policy"])

    assert policy["frame-ancestors"] == f"{WIKI} {OTHER}"


def test_a_preview_is_framed_by_our_own_pages_alone(world: Embedding) -> None:
    token = world.embeds.preview("net", {})

    policy = directives(world.client().get(f"/embed/net?token={token}").headers["Content-Security-Policy"])

    assert policy["frame-ancestors"] == "'self'"


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("", "no token"),
        ("?token=", "no token"),
        ("?token=nsl_x", "damaged"),
        ("?token=<script>alert(1)</script>", "not signed|damaged"),
        ("?token=%00", "damaged"),
    ],
)
def test_without_a_good_token_there_is_a_calm_page_with_the_reason(world: Embedding, query: str, reason: str) -> None:
    answer = world.client().get(f"/embed/net{query}")

    assert answer.status_code == 401
    assert answer.mimetype == "text/html"
    assert re.search(reason, answer.text)
    assert "<script>alert" not in answer.text
    assert "/signin" not in answer.text
    assert "$" not in answer.text
    policy = directives(answer.headers["Content-Security-Policy"])
    assert policy["frame-ancestors"] == f"{WIKI} {OTHER}"
    assert "X-Frame-Options" not in answer.headers


def test_another_panel_is_refused_and_an_expired_or_revoked_link_too(world: Embedding) -> None:
    link, token = world.embeds.make(["net"], {}, [WIKI], 1, "ann")
    client = world.client()

    assert client.get(f"/embed/costs?token={token}").status_code == 403
    assert client.get(f"/embed/nothing?token={token}").status_code == 403
    for part in DATA:
        assert client.get(f"/embed/costs/{part}", headers=bearer(token)).status_code == 403
    assert client.post("/embed/ticket?panel=costs", headers=bearer(token)).status_code == 403

    world.embeds.end(link.number)

    answer = client.get(f"/embed/net?token={token}")
    assert (answer.status_code, "revoked" in answer.text) == (401, True)
    problem = client.get("/embed/net/history", headers=bearer(token))
    assert problem.status_code == 401
    assert problem.mimetype == "application/problem+json"
    assert "revoked" in problem.get_json()["detail"]


def test_a_hosts_token_opens_a_panel_and_an_old_one_says_that_it_expired(world: Embedding) -> None:
    now = world.company.clock.now()

    good = world.client().get(f"/embed/net?token={signed(now, HOST_KEY)}")
    old = world.client().get(f"/embed/net?token={signed(now, HOST_KEY, iat=1, exp=500)}")

    assert good.status_code == 200
    assert old.status_code == 401
    assert 'data-expired="1"' in old.text
    for seconds, expired in ((500, True), (None, None)):
        token = signed(now, HOST_KEY, iat=1, exp=seconds) if seconds else "nsl_x"
        problem = world.client().get("/embed/net/data", headers=bearer(token))
        assert problem.status_code == 401
        assert problem.get_json().get("expired") is expired


def test_no_token_of_a_panel_opens_any_other_route(world: Embedding) -> None:
    token = world.token(*PANELS)
    ticket = world.client().post("/embed/ticket?panel=net", headers=bearer(token)).get_json()["ticket"]
    tried = 0
    for rule in world.app.url_map.iter_rules():
        if rule.rule.startswith(("/embed/", "/embed.js", "/healthz", "/readyz", "/signin", "/signout")):
            continue
        address = re.sub(r"<[^>]+>", "x", rule.rule)
        for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"}):
            for query in ("", f"?token={token}", f"?ticket={ticket}"):
                answer = world.client().open(address + query, method=method, headers=bearer(token) | ORIGIN)
                assert answer.status_code == 401, f"{method} {address} {answer.status}"
                tried += 1
    assert tried > 60


def test_a_socket_and_a_stream_are_opened_by_a_ticket_alone(world: Embedding) -> None:
    token = world.token("net")
    client = world.client()
    for way in ("ws", "stream"):
        for query in ("", f"?token={token}", f"?ticket={token}"):
            assert client.get(f"/embed/{way}{query}", headers=bearer(token)).status_code == 401
    ticket = client.post("/embed/ticket?panel=net", headers=bearer(token)).get_json()

    assert ticket["seconds"] == 60
    assert client.head(f"/embed/stream?ticket={ticket['ticket']}").status_code == 200
    again = client.head(f"/embed/stream?ticket={ticket['ticket']}")
    assert again.status_code == 401


def test_a_cookie_changes_nothing_and_none_is_set(world: Embedding) -> None:
    token = world.token("net")
    for cookie in ("pnl=x", "__Host-pnl=y", "token=z"):
        for path in (f"/embed/net?token={token}", "/embed/net", "/embed/check"):
            with_it = world.client().get(path, headers={"Cookie": cookie})
            without = world.client().get(path)
            assert with_it.status_code == without.status_code
            assert "Set-Cookie" not in with_it.headers


def test_a_sandboxed_frame_may_ask_and_read_for_its_token_is_all_that_counts(world: Embedding) -> None:
    token = world.token("net")
    foreign = {"Origin": "null", "Sec-Fetch-Site": "cross-site"}
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}

    beforehand = world.client().options("/embed/ticket?panel=net", headers=foreign | asked)
    ticket = world.client().post("/embed/ticket?panel=net", headers=foreign | bearer(token))
    refused = world.client().post("/embed/ticket?panel=net", headers=foreign)

    assert beforehand.status_code == 200
    assert "Authorization" in beforehand.headers["Access-Control-Allow-Headers"]
    assert ticket.status_code == 200
    for answer in (beforehand, ticket, refused):
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in answer.headers
    assert refused.status_code == 401


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


def test_strange_values_are_replaced_and_told_and_locked_ones_win(world: Embedding) -> None:
    token = world.token("net", range="7d")

    answer = world.client().get(f"/embed/net?token={token}&range=1d&theme=%22%3E%3Cimg&h=9&whatever=1&title=0")

    assert '<meta name="pnl:range" content="7d">' in answer.text
    assert "range is settled by the link: 7d." in answer.text
    assert "theme" in answer.text
    assert "<img" not in answer.text
    assert "whatever" not in answer.text
    assert "embed-untitled" in answer.text
    hours = world.client().get(f"/embed/costs?token={world.token('costs')}&range=1h")
    assert '<meta name="pnl:range" content="1d">' in hours.text
    assert "is not to be had here: 1d is shown." in hours.text


def test_where_embedding_is_off_there_is_nothing_and_the_check_says_why(tmp_path: Path) -> None:
    with embedding(tmp_path, parents=()) as world:
        page = world.client().get("/embed/net?token=nsl_x")
        check = world.client().get("/embed/check")
        made = world.client().post("/api/pnl/embeds", json={"panels": ["net"]}, headers=ORIGIN)

    assert page.status_code == 401
    assert directives(page.headers["Content-Security-Policy"])["frame-ancestors"] == "'none'"
    assert "Embedding is off" in page.text
    assert "PNL_EMBED_PARENTS" in check.text
    assert made.status_code == 400
    assert "PNL_EMBED_PARENTS" in made.get_json()["detail"]


def test_the_check_tells_what_arrived_and_whether_the_site_may_frame(world: Embedding) -> None:
    framed = {"Sec-Fetch-Dest": "iframe"}
    client = world.client()

    known = client.get("/embed/check", headers=framed | {"Referer": f"{WIKI}/page?secret=1"})
    unknown = client.get("/embed/check", headers=framed | {"Referer": "https://evil.example/<b>"})
    proxied = client.get("/embed/check", headers={"X-Forwarded-Proto": "https"})

    assert f"{WIKI}:</strong> it may frame panels" in known.text
    assert "add it to PNL_EMBED_PARENTS" in unknown.text
    assert "<b>" not in unknown.text
    assert "PNL_TRUSTED_PROXIES" in proxied.text
    assert directives(known.headers["Content-Security-Policy"])["frame-ancestors"] == f"{WIKI} {OTHER}"


def test_the_helper_is_for_everybody_and_small(world: Embedding) -> None:
    answer = world.client().get("/embed.js", headers={"Origin": WIKI, "Accept-Encoding": "gzip"})

    assert answer.status_code == 200
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.data) <= 1280
    assert "/*" not in world.client().get("/embed.js").text
    again = world.client().get("/embed.js", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.headers["Cache-Control"]) == (304, "public, max-age=3600")


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


def metas(text: str) -> dict[str, str]:
    return dict(re.findall(r'<meta name="pnl:([a-z]+)" content="([^"]*)">', text))


def test_from_and_to_say_which_days_and_the_other_wishes_are_heard(world: Embedding) -> None:
    token = world.token("equity")

    shown = world.client().get(
        f"/embed/equity?token={token}&from=2026-11-16&to=now&g=4h&compare=prev&refresh=60&tz=Europe/Berlin"
    )

    told = metas(shown.text)
    assert shown.status_code == 200
    assert (told["range"], told["from"], told["to"], told["over"]) == ("span", "2026-11-16", "now", "0")
    assert (told["g"], told["compare"], told["refresh"], told["tz"]) == ("4h", "prev", "60", "Europe/Berlin")
    assert "equity.days.js" in shown.text
    usual = metas(world.client().get(f"/embed/equity?token={token}").text)
    assert (usual["range"], usual["g"], usual["compare"], usual["refresh"], usual["tz"]) == ("1d", "auto", "", "", "")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("from=yesterday", "from &#x27;yesterday&#x27; is no company day: write a day such as 2026-11-20"),
        ("from=2026-02-30", "from &#x27;2026-02-30&#x27; is no company day"),
        ("to=2026-11-20", "to is given without from"),
        ("from=2026-11-20&to=2026-11-18", "to 2026-11-18 is before from 2026-11-20"),
        ("from=2026-11-20&to=now-9d", "to now-9d is before from 2026-11-20"),
        ("from=2027-01-01", "from 2027-01-01 lies in the future"),
        ("from=2019-01-01&to=2019-02-01", "This link looks no further back than 2026-01-01"),
        ("refresh=often", "refresh &#x27;often&#x27; is no number of seconds"),
        ("refresh=-5", "is no number of seconds"),
        ("tz=Mars/Olympus", "tz &#x27;Mars/Olympus&#x27; is no time zone"),
        ("tz=../../etc/passwd", "is no time zone"),
        ("tz=%3Cscript%3E", "tz &#x27;&lt;script&gt;&#x27; is no time zone"),
    ],
)
def test_what_makes_no_sense_is_a_calm_page_that_says_what_and_how_to_mend_it(
    world: Embedding, query: str, said: str
) -> None:
    answer = world.client().get(f"/embed/net?token={world.token('net')}&{query}")

    assert answer.status_code == 400
    assert said in answer.text
    assert "embed-refused" in answer.text
    assert "<script>" not in answer.text
    assert directives(answer.headers["Content-Security-Policy"])["frame-ancestors"] == f"{WIKI} {OTHER}"


@pytest.mark.parametrize(
    ("panel", "query", "note", "meta"),
    [
        ("net", "from=2020-01-01", "it begins on 2026-01-01", ("from", "2026-01-01")),
        ("net", "refresh=5", "it is read every 10 seconds", ("refresh", "10")),
        ("net", "refresh=99999", "it is read every 3600 seconds", ("refresh", "3600")),
        ("net", "g=15m", "g means nothing here", ("g", "auto")),
        ("equity", "range=1d&g=15m", "g means nothing here", ("g", "auto")),
        ("equity", "range=ytd&g=15m", "g 15m is too fine for 324 days: 4h is drawn", ("g", "4h")),
        ("equity", "range=7d&g=3s", "g &#x27;3s&#x27; is not to be had here: auto is shown", ("g", "auto")),
        ("costs", "compare=prev", "compare means nothing here", ("compare", "")),
        ("net", "range=ytd&compare=prev", "nothing is compared", ("compare", "none")),
        ("net", "compare=maybe", "compare &#x27;maybe&#x27; is not to be had here.", ("compare", "")),
        ("kpis", "from=2026-11-16", "this panel shows what is now", ("range", "1d")),
        ("net", "range=7d&from=2026-11-16", "range is passed over", ("range", "span")),
    ],
)
def test_what_is_out_of_reach_is_replaced_and_told(
    world: Embedding, panel: str, query: str, note: str, meta: tuple[str, str]
) -> None:
    answer = world.client().get(f"/embed/{panel}?token={world.token(panel)}&{query}")

    assert answer.status_code == 200
    assert note in answer.text
    assert metas(answer.text)[meta[0]] == meta[1]


def test_a_link_of_days_that_are_over_tells_those_days_and_nothing_live(world: Embedding) -> None:
    token = world.embeds.make(["equity"], {"from": "2026-11-17", "to": "2026-11-18"}, [WIKI], 30, "ann")[1]
    client, asked = world.client(), bearer(token)

    shown = client.get(f"/embed/equity?token={token}&from=2026-11-01&range=7d")
    days = client.get("/embed/equity/days?from=2026-01-01&to=2026-12-31", headers=asked).get_json()["days"]
    rows = client.get("/embed/equity/history?from=2026-01-01&step=1h", headers=asked).get_json()["rows"]
    later = client.get("/embed/equity/history?from=2026-11-20&step=1h", headers=asked).get_json()["rows"]

    told = metas(shown.text)
    assert (told["from"], told["to"], told["over"]) == ("2026-11-17", "2026-11-18", "1")
    assert "The range is settled by the link: 2026-11-17 to 2026-11-18." in shown.text
    assert [day["day"] for day in days] == ["2026-11-18"]  # the first that is kept
    assert rows
    assert all("2026-11-18T05" <= row["at"] < "2026-11-19T05" for row in rows)
    assert later == []
    for refused in (
        client.get("/embed/equity/data", headers=asked),
        client.post("/embed/ticket?panel=equity", headers=asked),
    ):
        assert refused.status_code == 403
        assert "days that are over" in refused.get_json()["detail"]


def test_a_live_connection_ends_with_the_last_day_of_its_link(world: Embedding) -> None:
    today = world.company.calendar.day(world.company.clock.now())
    token = world.embeds.make(["net"], {"from": today.isoformat(), "to": today.isoformat()}, [WIKI], 30, "ann")[1]
    ticket = world.client().post("/embed/ticket?panel=net", headers=bearer(token)).get_json()["ticket"]

    grant = world.embeds.redeem(ticket)

    assert grant.until == world.company.calendar.bounds(today)[1]
    assert int(grant.ticket.split(":")[2]) == int(grant.until.timestamp())


def test_a_link_that_may_compare_looks_as_far_back_again(world: Embedding) -> None:
    plain = {"from": "2026-11-19", "to": "now"}
    token = world.embeds.make(["net"], {**plain, "compare": "prev"}, [WIKI], 30, "ann")[1]
    other = world.embeds.make(["net"], plain, [WIKI], 30, "ann")[1]

    assert metas(world.client().get(f"/embed/net?token={token}").text)["compare"] == "prev"
    refused = world.client().get(f"/embed/net?token={other}&compare=prev")
    assert metas(refused.text)["compare"] == "none"
    assert "further back than this link looks" in refused.text


def test_a_backends_token_may_settle_days_and_is_told_what_makes_no_sense(world: Embedding) -> None:
    now = world.company.clock.now()

    def page(**locked: object) -> tuple[int, str]:
        answer = world.client().get(f"/embed/net?token={signed(now, HOST_KEY, locked=locked)}")
        return answer.status_code, answer.text

    assert page(**{"from": "now-6d"})[0] == 200
    assert metas(page(**{"from": "now-6d"})[1])["from"] == "now-6d"
    for locked, said in (
        ({"from": "soon"}, "no company day"),
        ({"to": "2026-11-18"}, "to is given without from"),
        ({"from": "2026-11-18", "range": "7d"}, "from is given beside range"),
        ({"refresh": 60}, "give values, as texts"),
        ({"colour": "red"}, "give values, as texts"),
    ):
        status, text = page(**locked)
        assert (status, said in text) == (401, True), text


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


def test_one_token_asked_for_too_often_is_told_to_wait_and_others_are_not(tmp_path: Path) -> None:
    clock = StillClock()
    with embedding(tmp_path, per_minute=10, clock=clock) as world:
        token, other = world.token("net"), world.token("net")
        client = world.client()
        answers = [client.get("/embed/net/data", headers=bearer(token)) for _ in range(11)]
        page = client.get(f"/embed/net?token={token}")
        ticket = client.post("/embed/ticket?panel=net", headers=bearer(token))
        stranger = client.get("/embed/net/data", headers=bearer(other))

        clock.go(7)
        again = client.get("/embed/net/data", headers=bearer(token))

    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert answers[-1].mimetype == "application/problem+json"
    assert answers[-1].headers["Access-Control-Allow-Origin"] == "*"
    for answer in (answers[-1], page, ticket):
        assert answer.status_code == 429
        assert 1 <= int(answer.headers["Retry-After"]) <= 6
    assert "asked for too often" in page.text
    assert stranger.status_code == 200
    assert again.status_code == 200


def test_a_link_takes_no_more_live_connections_than_it_may_and_says_so(tmp_path: Path) -> None:
    with embedding(tmp_path, per_link=1) as world:
        token = world.token("net")
        name = world.embeds.grant(token).name
        client = world.client()
        seat = world.views.hub("net").reserve("192.0.2.7", name)

        refused = client.get(f"/embed/stream?ticket={ticket_of(client, token)}")
        seen = client.get("/embed/net/data", headers=bearer(token))
        world.views.hub("net").release(seat)

        assert refused.status_code == 503
        assert refused.headers["Retry-After"]
        assert refused.get_json()["detail"] == "This link has 1 live connections already, the most allowed."
        assert seen.status_code == 200


def ticket_of(client: FlaskClient, token: str) -> str:
    """Return a ticket for the live figures of the net."""
    return str(client.post("/embed/ticket?panel=net", headers=bearer(token)).get_json()["ticket"])


def test_the_status_counts_panels_among_the_clients_and_apart(world: Embedding) -> None:
    client = world.client()
    ours, theirs = socket.socketpair()
    with ours:
        hub = world.views.hub("net")
        seat = hub.reserve("127.0.0.1")
        hub.adopt(theirs, "event", seat, after=None, stream=None)
        ours.settimeout(10)
        ours.recv(1)

        told = client.get("/api/pnl/status").get_json()

    assert told["clients"]["clients"] == 1
    assert told["clients"]["embedded"] == 1
    measure = next(one for one in told["measures"] if one["name"] == "clients")
    assert measure["value"] == 1


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


def test_a_panel_says_when_certificates_are_not_checked_and_names_no_host(world: Embedding) -> None:
    note(world.app, ["feed.internal.test"])

    told = world.client().get(f"/embed/net?token={world.token('net')}").text

    assert "TLS not checked" in told
    assert "feed.internal.test" not in told
