"""The live routes behind the server's guards, over real sockets and through Flask's own client."""

import json
import socket

import pytest
from flask.testing import FlaskClient

from pnl.live.feed import Feed
from pnl.live.hub import Hub
from pnl.live.seats import Seats
from tests.live.stage import Reader, snapshot
from tests.live.wire import OFFER, Wire, until

KEY = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "A" * 22 + "==",
}


@pytest.mark.usefixtures("ticking")
@pytest.mark.parametrize(
    ("more", "status"),
    [
        ("Origin: http://127.0.0.1:{port}\r\n", 101),
        ("", 101),
        ("Origin: http://evil.example\r\n", 403),
        ("Origin: null\r\n", 403),
        ("Origin: http://127.0.0.1:1\r\n", 403),
        ("Sec-Fetch-Site: cross-site\r\n", 403),
        ("Sec-WebSocket-Version: 8\r\n", 426),
    ],
)
def test_only_our_own_pages_open_the_socket(port: int, hub: Hub, more: str, status: int) -> None:
    with Wire(port, more=more.format(port=port)) as wire:
        assert wire.status == status
        assert wire.header("sec-websocket-extensions") is None
    until(lambda: hub.counts["adopted"] == (status == 101) and hub.counts["clients"] == 0)


@pytest.mark.parametrize("path", ["/api/pnl/nope", "/api/pnl/current", "/api/pnl/stream"])
def test_a_websocket_where_there_is_none_is_answered_404_and_told_where_it_is(client: FlaskClient, path: str) -> None:
    client.application.add_url_rule("/<path:page>", "pages", lambda page: page)  # as Dash takes all for its pages

    answer = client.get(path, headers={**KEY, "Sec-WebSocket-Version": "13"})

    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")
    assert answer.get_json()["detail"] == f"There is no WebSocket at {path}; the live feed's is /api/pnl/ws."


@pytest.mark.usefixtures("ticking")
@pytest.mark.parametrize("offer", [OFFER, "permessage-deflate", "x-webkit-deflate-frame, permessage-deflate"])
def test_compression_is_agreed_to_without_a_context(port: int, offer: str) -> None:
    with Wire(port, offer=offer) as wire:
        agreed = {part.strip() for part in (wire.header("sec-websocket-extensions") or "").split(";")}
        first, payload = wire.frame()

    assert agreed == {"permessage-deflate", "server_no_context_takeover", "client_no_context_takeover"}
    assert first == 0xC1
    assert len(payload) < 400


def test_a_reader_can_change_from_one_door_to_another_and_miss_nothing(
    port: int, client: FlaskClient, ticking: Feed
) -> None:
    reader = Reader()
    with Wire(port) as wire:
        reader.take(wire.message())
    ticking.publish(2, json.dumps(snapshot(2)))
    for message in client.get("/api/pnl/deltas?after=1&stream=k3f9x2").get_json()["messages"]:
        reader.take(message)
    ticking.publish(3, json.dumps(snapshot(3)))
    with Wire(port, "/api/pnl/stream?after=2&stream=k3f9x2") as events:
        events.until(b"\n\n")
        reader.take(events.event()[1])

    assert reader.seen == [1, 2, 3]
    assert reader.snapshots == 1


@pytest.mark.parametrize("path", ["/api/pnl/ws", "/api/pnl/stream", "/api/pnl/deltas"])
@pytest.mark.parametrize("query", ["after=x", "after=-1", "n=x", "since=1", "after=1&after=2"])
def test_a_parameter_that_cannot_be_taken_is_named_and_no_place_is_lost(
    port: int, client: FlaskClient, seats: Seats, path: str, query: str
) -> None:
    if path.endswith("ws"):
        with Wire(port, f"{path}?{query}") as wire:
            assert wire.status == 400
    else:
        assert client.get(f"{path}?{query}").get_json()["parameter"] in ("after", "n", "since")
    until(lambda: seats.taken == 0)


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/api/pnl/ws", {}, 426),
        ("HEAD", "/api/pnl/ws", {}, 426),
        ("POST", "/api/pnl/ws", {}, 405),
        ("OPTIONS", "/api/pnl/ws", {}, 200),
        ("GET", "/api/pnl/ws", KEY, 501),
        ("HEAD", "/api/pnl/stream", {}, 200),
        ("POST", "/api/pnl/stream", {}, 405),
        ("OPTIONS", "/api/pnl/stream", {}, 200),
        ("GET", "/api/pnl/stream", KEY, 404),
        ("POST", "/api/pnl/deltas", {}, 405),
    ],
)
def test_other_ways_to_ask_are_told_what_to_do(
    *, client: FlaskClient, seats: Seats, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    with client.open(path, method=method, headers=headers) as answer:
        assert answer.status_code == status

    until(lambda: seats.taken == 0)


@pytest.mark.parametrize("key", ["abc", "A" * 24, "A" * 22 + "é=", ""])
def test_a_key_that_is_none_is_refused(port: int, key: str) -> None:
    lines = "".join(f"{name}: {value}\r\n" for name, value in (KEY | {"Sec-WebSocket-Key": key}).items())
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(f"GET /api/pnl/ws HTTP/1.1\r\nHost: 127.0.0.1\r\n{lines}\r\n".encode())

        assert connection.recv(4096).split()[1] == b"400"


@pytest.mark.parametrize("left_out", ["Host", *KEY])
def test_half_a_handshake_is_refused(port: int, left_out: str) -> None:
    whole = {"Host": "127.0.0.1", **KEY}
    lines = "".join(f"{name}: {value}\r\n" for name, value in whole.items() if name != left_out)
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(f"GET /api/pnl/ws HTTP/1.1\r\n{lines}\r\n".encode())

        status = int(connection.recv(4096).split()[1])

    assert status in (400, 426)


def test_the_missed_messages_are_told_before_the_first_tick_too(client: FlaskClient) -> None:
    answer = client.get("/api/pnl/deltas")

    assert answer.get_json() == {"messages": [{"t": "beat", "seq": 0, "at": "2026-11-20T17:00:00.004Z"}]}
    assert answer.headers["Cache-Control"] == "no-store"


def test_while_the_server_stops_nobody_gets_in(client: FlaskClient, hub: Hub) -> None:
    hub.drain()

    answer = client.get("/api/pnl/stream")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert client.get("/api/pnl/deltas").status_code == 200


def test_only_get_opens_a_socket(port: int, seats: Seats) -> None:
    lines = "".join(f"{name}: {value}\r\n" for name, value in KEY.items())
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(f"HEAD /api/pnl/ws HTTP/1.1\r\nHost: 127.0.0.1\r\n{lines}\r\n".encode())

        assert connection.recv(4096).split()[1] == b"405"
    assert seats.taken == 0
