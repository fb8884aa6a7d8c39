"""Servers that somebody must be let into, and every question that can be put to them."""

import re

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.test import TestResponse

from pnl.access.decision import SAFE
from pnl.access.passwords import hashed
from pnl.live.hub import Hub
from pnl.live.seats import Seats
from pnl.live.views import Views
from pnl.web.access import Access
from pnl.web.dash_app import mount
from pnl.web.embed import NARROW
from pnl.web.server import create_server
from tests.web.fake_past import history_of
from tests.web.fakes import FakeClock, FakeFigures, FakeStore

PASSWORD = "a stranger's umbrella"
HASH = hashed(PASSWORD)
ORIGIN = {"Origin": "http://localhost"}
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH")


def served(figures: FakeFigures, store: FakeStore, hub: Hub, access: Access, clock: FakeClock | None = None) -> Flask:
    past = history_of(store)
    views = Views(NARROW, figures.current, stream="k3f9x2", now=lambda: "", seats=Seats(3, 2))
    app = create_server(
        figures,
        store,
        hub,
        host="127.0.0.1",
        port=8050,
        clock=clock or FakeClock(),
        time_zone="America/New_York",
        interval_seconds=10,
        past=past,
        ledgers=past.ledgers,
        alerting=store.alerts(),
        configured={"kalshi"},
        access=access,
        views=views,
    )
    app.extensions["pnl.figures"] = figures
    mount(app, demo=True, time_zone="America/New_York", interval_seconds=10)
    return app


def sign_in(app: Flask, name: str, password: str = PASSWORD, **more: str) -> tuple[FlaskClient, TestResponse]:
    client = app.test_client()
    form = {"name": name, "password": password, **more}
    return client, client.post("/signin", data=form, headers=ORIGIN)


def questions(app: Flask) -> list[tuple[str | None, str, str]]:
    """Return an address of every route by every method, with the route that it meets so, None if it meets none."""
    addresses = sorted({re.sub(r"<[^>]+>", "x", rule.rule) for rule in app.url_map.iter_rules()})
    found = [(_met(app, address, method), address, method) for address in addresses for method in METHODS]
    # What the pages' catch-all would answer is no part of the API, and not found before anybody is asked who they are.
    found = [one for one in found if one[0] or one[2] not in SAFE]
    assert len({met for met, _, _ in found}) > 35
    return found


def _met(app: Flask, address: str, method: str) -> str | None:
    try:
        rule, _ = app.url_map.bind("localhost").match(address, method, return_rule=True)
    except (MethodNotAllowed, NotFound):
        return None
    return None if rule.rule == "/<path:path>" and address.startswith("/api/") else rule.rule
