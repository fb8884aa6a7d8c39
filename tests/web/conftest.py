"""The server over a store and figures in memory, and a client that speaks to it as a browser would."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import BaseWSGIServer, make_server

from pnl.access.keys import Keys
from pnl.access.people import User
from pnl.live.feed import Feed
from pnl.live.hub import Hub
from pnl.live.seats import Seats
from pnl.store import open_store
from pnl.store.accounts import SqlAccounts
from pnl.web.server import create_server
from tests.empty_books import empty_file
from tests.live.stage import snapshot as live_snapshot
from tests.web.doors import HASH
from tests.web.fake_past import history_of
from tests.web.fakes import FakeClock, FakeFigures, FakeStore, snapshot


@pytest.fixture
def store() -> FakeStore:
    return FakeStore()


@pytest.fixture
def figures(store: FakeStore) -> FakeFigures:
    return FakeFigures(store, snapshot())


@pytest.fixture
def feed() -> Feed:
    return Feed("k3f9x2", lambda: "2026-11-20T17:00:00.004Z")


@pytest.fixture
def seats() -> Seats:
    return Seats(3, 2)


@pytest.fixture
def hub(feed: Feed, seats: Seats) -> Iterator[Hub]:
    """A hub with three places, which is not started."""
    made = Hub(feed, seats)
    yield made
    made.close()


@pytest.fixture
def accounts(tmp_path: Path) -> Iterator[SqlAccounts]:
    store = open_store(empty_file(tmp_path / "pnl.db"), demo=False)
    made = store.accounts()
    made.put_user(User(name="ann", role="viewer", password=HASH))
    made.put_user(User(name="bob", role="editor", password=HASH))
    yield made
    store.close()


@pytest.fixture
def keys(accounts: SqlAccounts) -> Keys:
    return Keys(accounts, FakeClock())


@pytest.fixture
def server(figures: FakeFigures, store: FakeStore, hub: Hub) -> Flask:
    past = history_of(store)
    return create_server(
        figures,
        store,
        hub,
        host="127.0.0.1",
        port=8050,
        clock=FakeClock(),
        time_zone="America/New_York",
        interval_seconds=10,
        past=past,
        ledgers=past.ledgers,
        alerting=store.alerts(),
    )


@pytest.fixture
def client(server: Flask) -> FlaskClient:
    return server.test_client()


@pytest.fixture
def live(server: Flask) -> Iterator[BaseWSGIServer]:
    """The server, listening on a loopback port."""
    listening = make_server("127.0.0.1", 0, server, threaded=True)
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield listening
    listening.shutdown()
    thread.join()
    listening.server_close()


@pytest.fixture
def port(live: BaseWSGIServer) -> int:
    return int(live.server_port)


@pytest.fixture
def ticking(hub: Hub, feed: Feed) -> Iterator[Feed]:
    """The feed of a hub that serves, at its first tick."""
    hub.start()
    feed.publish(1, json.dumps(live_snapshot(1)))
    yield feed
    hub.close()
