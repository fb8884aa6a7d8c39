"""The server over a store and figures in memory, and a client that speaks to it as a browser would."""

import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import BaseWSGIServer, make_server

from pnl.web.server import create_server
from tests.web.fakes import FakeClock, FakeFigures, FakeStore, snapshot


@pytest.fixture
def store() -> FakeStore:
    return FakeStore()


@pytest.fixture
def figures(store: FakeStore) -> FakeFigures:
    return FakeFigures(store, snapshot())


@pytest.fixture
def server(figures: FakeFigures, store: FakeStore) -> Flask:
    return create_server(
        figures,
        store,
        host="127.0.0.1",
        port=8050,
        clock=FakeClock(),
        time_zone="America/New_York",
        interval_seconds=10,
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
