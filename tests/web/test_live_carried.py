"""Connections that cannot be taken from their server, or not just now."""

import errno
import json
import os
import socket
import struct
import threading
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from pnl.live.feed import Feed
from pnl.live.hub import Hub
from pnl.live.seats import Seats
from pnl.web import pump
from pnl.web.adoption import connection_of, take
from tests.live.stage import snapshot
from tests.live.wire import OFFER, Wire, until


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


def test_a_server_that_hides_its_connections_carries_the_events(client: FlaskClient, hub: Hub, ticking: Feed) -> None:
    with client.get("/api/pnl/stream", buffered=False) as answer:
        told = iter(answer.response)
        opening, first = next(told), next(told)
        ticking.publish(2, json.dumps(snapshot(2)))

        assert (opening, answer.content_type) == (b"retry: 3000\n\n", "text/event-stream; charset=utf-8")
        assert str(first).startswith("b'id: 1\\ndata: ")
        assert b'"base":1' in bytes(next(told))  # type: ignore[arg-type]  # it is bytes
    until(lambda: hub.counts["clients"] == 0)


def test_no_more_are_carried_than_there_are_places_for(
    client: FlaskClient, hub: Hub, seats: Seats, ticking: Feed
) -> None:
    assert ticking.seq
    taken = 0
    while pump.has_place():
        taken += 1

    refused = client.get("/api/pnl/stream")
    for _ in range(taken):
        pump.give_back()

    assert taken == pump.MOST_PUMPED
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "10")
    for number in range(2 * pump.MOST_PUMPED):
        with client.get("/api/pnl/stream", buffered=False) as answer:
            assert answer.status_code == 200
        until(lambda: hub.counts["closed"] == number + 1 and seats.taken == 0)  # noqa: B023 - called at once


@pytest.fixture
def carried(server: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The server, as if its connections could not be taken."""
    monkeypatch.setattr("pnl.web.live.connection_of", lambda _environ: None)
    return server


@pytest.mark.usefixtures("ticking", "carried")
def test_a_socket_that_cannot_be_taken_is_carried(port: int, hub: Hub) -> None:
    with Wire(port, offer=OFFER) as wire:
        assert wire.message()["t"] == "snapshot"
        wire.say('{"t":"ping","at":3}')
        assert wire.message()["at"] == 3
        hub.drain()
        assert wire.message()["t"] == "bye"
        assert wire.ended() == 1012
    until(lambda: hub.counts["clients"] == 0)
    while not pump.has_place():
        pass
    pump.give_back()


def test_carrying_ends_with_either_side() -> None:
    for first in (0, 1):
        theirs, connection = socket.socketpair()
        end, ours = socket.socketpair()
        carrying = threading.Thread(target=pump.carry, args=(connection, end))
        carrying.start()
        with theirs, connection, ours:
            theirs.sendall(b"in")
            ours.sendall(b"out")
            assert (ours.recv(9), theirs.recv(9)) == (b"in", b"out")
            (theirs, ours)[first].shutdown(socket.SHUT_WR)
            carrying.join(10)
            assert not carrying.is_alive()
            assert theirs.recv(1) == ours.recv(1) == b""


def test_a_process_without_descriptors_keeps_the_connection_and_loses_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(_: int) -> int:
        raise OSError(errno.EMFILE, "Too many open files")

    ours, theirs = socket.socketpair()
    monkeypatch.setattr(os, "dup", exhausted)
    with ours, theirs:
        before = len(list(Path("/proc/self/fd").iterdir()))

        with pytest.raises(OSError, match="Too many open files"):
            take(theirs)

        assert len(list(Path("/proc/self/fd").iterdir())) == before
        theirs.sendall(b"still here")
        assert ours.recv(99) == b"still here"


@pytest.mark.usefixtures("ticking")
@pytest.mark.parametrize("path", ["/api/pnl/ws", "/api/pnl/stream"])
def test_who_comes_when_there_is_no_descriptor_is_told_and_the_place_is_given_back(
    port: int, seats: Seats, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    def exhausted(_: socket.socket) -> socket.socket:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr("pnl.web.live.take", exhausted)
    with Wire(port, path) as wire:
        assert wire.status == (101 if path.endswith("ws") else 503)
        wire.drained()
    until(lambda: seats.taken == 0)


@pytest.mark.parametrize("protocol", ["HTTP/2", ""])
def test_a_connection_that_carries_more_than_this_request_is_not_taken(protocol: str) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        environ: dict[str, Any] = {"gunicorn.socket": ours, "SERVER_PROTOCOL": protocol}

        assert connection_of(environ) is None
        assert connection_of({**environ, "SERVER_PROTOCOL": "HTTP/1.1"}) is ours


@pytest.mark.usefixtures("ticking")
def test_a_reader_that_is_gone_before_the_first_event_costs_no_place(
    port: int, hub: Hub, seats: Seats, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_: socket.socket) -> socket.socket:
        ours, theirs = socket.socketpair()
        theirs.close()
        return ours

    monkeypatch.setattr("pnl.web.live.take", gone)
    with Wire(port, "/api/pnl/stream") as wire:
        wire.drained()

    until(lambda: seats.taken == 0)
    assert hub.counts["adopted"] == 0


@pytest.mark.usefixtures("ticking", "carried")
def test_a_carried_reader_whose_machine_is_gone_is_let_go(port: int, hub: Hub, seats: Seats) -> None:
    with Wire(port) as wire:
        wire.message()
        wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    until(lambda: hub.counts["closed"] == 1 and seats.taken == 0)
