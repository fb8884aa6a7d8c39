"""Every route of the server by every method, asked by nobody, a wrong one, a viewer, an editor and a program."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from werkzeug.serving import make_server

from pnl.access.decision import EMBED, ME, METRICS, PUBLIC, SAFE
from pnl.access.keys import Keys
from pnl.access.people import SCOPES
from pnl.access.provider import Provider
from pnl.access.ways import Cookie, Named, Roles
from pnl.live.hub import Hub
from pnl.store.accounts import SqlAccounts
from pnl.web.access import Access
from tests.live.wire import Wire
from tests.web.doors import ORIGIN, questions, served, sign_in
from tests.web.fakes import FakeClock, FakeFigures, FakeStore

NOBODIES: tuple[dict[str, str], ...] = (
    {},
    {"Authorization": "Bearer pnl_wrong"},
    {"Authorization": f"Bearer pnl_{'a' * 12}_{'b' * 43}"},
    {"Authorization": "Basic YW5uOmFubg=="},
    {"Cookie": "pnl=wrong"},
    {"Cookie": f"pnl={'a' * 43}; __Host-pnl={'a' * 43}; pnl-signin={'a' * 43}"},
    {"X-Forwarded-User": "bob@example.com", "X-Forwarded-For": "127.0.0.1"},
)
DASH = ("/_dash-layout", "/_dash-dependencies", "/_dash-update-component", "/_reload-hash", "/<path:path>", "/")
LIVE = ("/api/pnl/ws", "/api/pnl/stream", "/api/pnl/deltas")
ASKED_BY_POST = "/_dash-update-component"


def password(keys: Keys, accounts: SqlAccounts) -> Access:
    return Access(entrance=Cookie(keys), keys=keys, accounts=accounts)


def elsewhere(keys: Keys, accounts: SqlAccounts) -> Access:
    provider = Provider("http://127.0.0.1:9", "northstar", "secret", clock=FakeClock())
    return Access(entrance=Cookie(keys), keys=keys, accounts=accounts, provider=provider, roles=Roles(["bob"], []))


def proxied(keys: Keys, accounts: SqlAccounts) -> Access:
    entrance = Named(["10.0.0.1"], Roles(["bob@example.com"], []))
    return Access(entrance=entrance, keys=keys, accounts=accounts, proxies=["10.0.0.1"])


@pytest.fixture
def app(figures: FakeFigures, store: FakeStore, hub: Hub, accounts: SqlAccounts, keys: Keys) -> Flask:
    """A server at which people sign in with a password."""
    return served(figures, store, hub, password(keys, accounts))


def test_the_walk_meets_the_endpoints_of_dash_the_live_ones_and_the_way_in(app: Flask) -> None:
    met = {rule for rule, _, _ in questions(app)}

    assert met >= {*DASH, *LIVE, "/signin", "/signout", "/healthz", "/api/pnl/entries/<entry_id>"}


@pytest.fixture(params=[password, elsewhere, proxied])
def closed(
    request: pytest.FixtureRequest, figures: FakeFigures, store: FakeStore, hub: Hub, accounts: SqlAccounts
) -> Flask:
    """A server at which it is known in one of the ways who comes."""
    return served(figures, store, hub, request.param(Keys(accounts, FakeClock()), accounts))


@pytest.mark.parametrize("headers", NOBODIES)
def test_of_every_route_nobody_gets_more_than_the_way_in(closed: Flask, headers: dict[str, str]) -> None:
    for rule, address, method in questions(closed):
        answer = closed.test_client(use_cookies=False).open(address, method=method, headers=ORIGIN | headers)
        where = f"{method} {address} {answer.status}"
        if _framed(rule, address) and method == "OPTIONS":
            # A browser asks beforehand whether it may show a token: of figures, it is told nothing.
            assert answer.data == b"", where
        elif rule in PUBLIC:
            assert answer.status_code != 401 or (rule, method) == ("/signin", "POST"), where
            assert answer.status_code < 500 or rule in ("/signin/oidc", "/readyz"), where
        elif answer.status_code == 303:
            assert answer.headers["Location"].startswith("/signin?next=%2F"), where
            assert method in SAFE, where
            assert not address.startswith(("/api", "/_")), where
        else:
            assert answer.status_code == 401, where
            assert answer.headers["WWW-Authenticate"] == "Bearer realm=northstar", where
        assert b"net" not in answer.data or rule in PUBLIC, where
        answer.close()


def test_of_every_route_a_viewer_may_look_and_an_editor_may_change(app: Flask) -> None:
    viewer, _ = sign_in(app, "ann")
    editor, _ = sign_in(app, "bob")
    for rule, address, method in questions(app):
        if rule in ("/signin", "/signout") or _framed(rule, address):
            continue
        headers = ORIGIN | {"Content-Type": "application/json"}
        seen = viewer.open(address, method=method, headers=headers)
        done = editor.open(address, method=method, headers=headers)
        where = f"{method} {address} {seen.status} {done.status}"
        looks = (method in SAFE and not _of_links(rule)) or rule in (*PUBLIC, ASKED_BY_POST)
        assert (seen.status_code == 403) is not looks, where
        assert done.status_code not in (401, 403), where
        assert done.status_code < 500 or done.status_code == 503, where
        seen.close()
        done.close()


def test_of_every_route_a_program_may_what_its_scopes_say(app: Flask, keys: Keys) -> None:
    texts = {scope: keys.make_token(scope, frozenset([scope]), 30, "ann")[1] for scope in SCOPES}
    for rule, address, method in questions(app):
        if rule in PUBLIC or _framed(rule, address):
            continue
        reads = (method in SAFE and not _of_links(rule)) or rule == ASKED_BY_POST
        for scope, text in texts.items():
            answer = app.test_client().open(address, method=method, headers={"Authorization": f"Bearer {text}"})
            wanted = "read" if reads else "entries" if rule and "/entries" in rule else "manage"
            wanted = "metrics" if rule == METRICS and method in SAFE else wanted
            welcome = scope == wanted or (rule == ME and method in SAFE)
            assert (answer.status_code == 403) is not welcome, f"{method} {address} {scope} {answer.status}"
            answer.close()


def _framed(rule: str | None, address: str) -> bool:
    """Tell whether an address is for panels in other sites' pages."""
    return address.startswith(EMBED) and rule not in PUBLIC


def _of_links(rule: str | None) -> bool:
    """Tell whether a route tells of the links to such panels, which only an editor may see."""
    return rule is not None and rule.startswith("/api/pnl/embeds")


def test_where_panels_live_no_person_and_no_program_is_let_in(app: Flask, keys: Keys) -> None:
    editor, _ = sign_in(app, "bob")
    token = keys.make_token("x", frozenset(SCOPES), 30, "ann")[1]
    found = [one for one in questions(app) if _framed(*one[:2]) and one[2] != "OPTIONS"]
    assert len({rule for rule, _, _ in found}) >= 8

    for _, address, method in found:
        for answer in (
            editor.open(address, method=method),
            app.test_client().open(address, method=method, headers={"Authorization": f"Bearer {token}"}),
        ):
            assert answer.status_code == 401, f"{method} {address} {answer.status}"
            assert "Set-Cookie" not in answer.headers
            answer.close()


def test_no_token_is_taken_from_an_address(app: Flask, keys: Keys) -> None:
    _, text = keys.make_token("x", frozenset(["read", "entries", "manage"]), 30, "ann")

    for name in ("token", "access_token", "authorization", "api_key", "key", "bearer"):
        answer = app.test_client().get("/api/pnl/current", query_string={name: text})
        assert answer.status_code == 401
        assert text not in answer.text


@contextmanager
def listening(app: Flask) -> Iterator[int]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


CALLERS = {
    "nobody": (401, 401),
    "wrong cookie": (401, 401),
    "wrong token": (401, 401),
    "viewer": (101, 200),
    "editor": (101, 200),
    "viewer, from https://evil.test": (403, 403),
    "viewer, from null": (403, 403),
    "viewer, from no page": (403, 200),
    "read": (101, 200),
    "read, from https://evil.test": (403, 403),
    "read, from no page": (101, 200),
    "entries": (403, 403),
    "manage": (403, 403),
    "metrics": (403, 403),
}
"""Who asks, and the answer to the WebSocket's handshake and to the stream of events."""


@pytest.mark.parametrize("who", CALLERS)
def test_a_live_connection_is_opened_to_whom_may_look(app: Flask, keys: Keys, hub: Hub, who: str) -> None:
    hub.start()
    kind, _, page = who.partition(", from ")
    with listening(app) as port:
        origin = {"": f"http://127.0.0.1:{port}", "no page": ""}.get(page, page)
        more = shown(keys, kind) + (f"Origin: {origin}\r\n" if origin else "")

        with Wire(port, more=more) as socket, Wire(port, "/api/pnl/stream", more=more) as events:
            assert (socket.status, events.status) == CALLERS[who]
        hub.close()


def shown(keys: Keys, kind: str) -> str:
    """Return the header by which somebody is known."""
    if kind in ("viewer", "editor"):
        return f"Cookie: pnl={keys.sign_in('ann' if kind == 'viewer' else 'bob', None)}\r\n"
    for scope in SCOPES:
        if scope == kind:
            return f"Authorization: Bearer {keys.make_token('x', frozenset([scope]), 30, 'ann')[1]}\r\n"
    return {"nobody": "", "wrong cookie": "Cookie: pnl=x\r\n", "wrong token": "Authorization: Bearer x\r\n"}[kind]
