"""A token opens its own panels and nothing else, and without a good one nothing is shown."""

import re

import pytest

from pnl.access.grants import PANELS
from tests.access.embedding import signed
from tests.web.embedding import HOST_KEY, ORIGIN, OTHER, WIKI, Embedding, bearer
from tests.web.embeds.pages import directives

DATA = ("history", "days", "activity", "data")


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
