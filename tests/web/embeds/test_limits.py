"""How often a token may ask, how many live connections a link has, and how panels are counted."""

import socket
from pathlib import Path

from flask.testing import FlaskClient

from tests.fakes import StillClock
from tests.web.embedding import Embedding, bearer, embedding


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


def ticket_of(client: FlaskClient, token: str) -> str:
    """Return a ticket for the live figures of the net."""
    return str(client.post("/embed/ticket?panel=net", headers=bearer(token)).get_json()["ticket"])


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
