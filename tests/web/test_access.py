"""Every route of the server, asked by nobody, by a wrong one, by a viewer, an editor and a program."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from pnl.access.decision import EMBED, PUBLIC, SAFE
from pnl.access.keys import Keys
from pnl.access.passwords import hashed
from pnl.access.people import User
from pnl.access.ways import Cookie, Named, Roles
from pnl.live.hub import Hub
from pnl.live.seats import Seats
from pnl.live.views import Views
from pnl.store import open_store
from pnl.store.accounts import SqlAccounts
from pnl.web.access import Access
from pnl.web.dash_app import mount
from pnl.web.embed import NARROW
from pnl.web.server import create_server
from tests.web.fake_past import history_of
from tests.web.fakes import FakeClock, FakeFigures, FakeStore

PASSWORD = "a stranger's umbrella"
HASH = hashed(PASSWORD)
ORIGIN = {"Origin": "http://localhost"}
CHANGES = ("POST", "PUT", "DELETE", "PATCH")


@pytest.fixture
def accounts(tmp_path: Path) -> Iterator[SqlAccounts]:
    store = open_store(f"sqlite:///{tmp_path / 'pnl.db'}", demo=False)
    made = store.accounts()
    made.put_user(User(name="ann", role="viewer", password=HASH))
    made.put_user(User(name="bob", role="editor", password=HASH))
    yield made
    store.close()


@pytest.fixture
def keys(accounts: SqlAccounts) -> Keys:
    return Keys(accounts, FakeClock())


def served(figures: FakeFigures, store: FakeStore, hub: Hub, access: Access) -> Flask:
    past = history_of(store)
    views = Views(NARROW, figures.current, stream="k3f9x2", now=lambda: "", seats=Seats(3, 2))
    app = create_server(
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
        configured={"kalshi"},
        access=access,
        views=views,
    )
    app.extensions["pnl.figures"] = figures
    mount(app, demo=True, time_zone="America/New_York", interval_seconds=10)
    return app


@pytest.fixture
def app(figures: FakeFigures, store: FakeStore, hub: Hub, accounts: SqlAccounts, keys: Keys) -> Flask:
    """A server at which people sign in with a password."""
    return served(figures, store, hub, Access(entrance=Cookie(keys), keys=keys, accounts=accounts))


def sign_in(app: Flask, name: str, password: str = PASSWORD, **more: str) -> tuple[FlaskClient, TestResponse]:
    client = app.test_client()
    form = {"name": name, "password": password, **more}
    return client, client.post("/signin", data=form, headers=ORIGIN)


def routes(app: Flask) -> list[tuple[Rule, str, str]]:
    """Return every route with an address that meets it, and a method."""
    found = [
        (rule, re.sub(r"<[^>]+>", "x", rule.rule), method)
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"OPTIONS"})
    ]
    assert len(found) > 60
    return found


def test_of_every_route_nobody_gets_more_than_the_way_in(app: Flask) -> None:
    for headers in ({}, {"Authorization": "Bearer pnl_wrong"}, {"Cookie": "pnl=wrong"}, {"X-Forwarded-User": "bob"}):
        for rule, address, method in routes(app):
            answer = app.test_client().open(address, method=method, headers=ORIGIN | headers)
            where = f"{method} {rule.rule} {headers} {answer.status}"
            if rule.rule in PUBLIC:
                assert answer.status_code != 401 or (rule.rule, method) == ("/signin", "POST"), where
            elif answer.status_code == 303:
                assert answer.headers["Location"].startswith("/signin?next=%2F"), where
                assert method in SAFE, where
                assert not address.startswith(("/api", "/_")), where
            else:
                assert answer.status_code == 401, where
            assert b"net" not in answer.data or rule.rule in PUBLIC, where
            answer.close()


def test_of_every_route_a_viewer_may_look_and_an_editor_may_change(app: Flask) -> None:
    viewer, _ = sign_in(app, "ann")
    editor, _ = sign_in(app, "bob")
    for rule, address, method in routes(app):
        if rule.rule == "/signout" or rule.rule.startswith(EMBED):
            continue
        headers = ORIGIN | {"Content-Type": "application/json"}
        seen = viewer.open(address, method=method, headers=headers)
        done = editor.open(address, method=method, headers=headers)
        where = f"{method} {rule.rule} {seen.status} {done.status}"
        changes = method in CHANGES and rule.rule not in (*PUBLIC, "/_dash-update-component")
        changes = changes or rule.rule.startswith("/api/pnl/embeds")
        assert (seen.status_code == 403) is changes, where
        if rule.rule not in PUBLIC:
            assert done.status_code not in (401, 403), where
        seen.close()
        done.close()


def test_of_every_route_a_program_may_what_its_scopes_say(app: Flask, keys: Keys) -> None:
    texts = {scope: keys.make_token(scope, frozenset([scope]), 30, "ann")[1] for scope in ("read", "entries", "manage")}
    for rule, address, method in routes(app):
        if rule.rule in PUBLIC or rule.rule.startswith(EMBED):
            continue
        for scope, text in texts.items():
            answer = app.test_client().open(address, method=method, headers={"Authorization": f"Bearer {text}"})
            reads = (method in SAFE and "/embeds" not in rule.rule) or rule.rule == "/_dash-update-component"
            wanted = "read" if reads else "entries" if "/entries" in rule.rule else "manage"
            assert (answer.status_code == 403) is (scope != wanted), f"{method} {rule.rule} {scope} {answer.status}"
            answer.close()


def test_where_panels_live_no_person_and_no_program_is_let_in(app: Flask, keys: Keys) -> None:
    editor, _ = sign_in(app, "bob")
    token = keys.make_token("x", frozenset(["read", "entries", "manage"]), 30, "ann")[1]
    bearer = {"Authorization": f"Bearer {token}"}
    found = [one for one in routes(app) if one[0].rule.startswith(EMBED) and one[0].rule not in PUBLIC]
    assert len({rule.rule for rule, _, _ in found}) >= 8
    for rule, address, method in found:
        for answer in (
            editor.open(address, method=method),
            app.test_client().open(address, method=method, headers=bearer),
        ):
            assert answer.status_code == 401, f"{method} {rule.rule} {answer.status}"
            assert "Set-Cookie" not in answer.headers


def test_a_refused_program_is_told_the_scope_that_it_lacks(app: Flask, keys: Keys) -> None:
    _, text = keys.make_token("x", frozenset(["read"]), 30, "ann")

    answer = app.test_client().post("/api/pnl/sources/kalshi/retry", headers={"Authorization": f"Bearer {text}"})

    assert answer.json
    assert answer.json["detail"] == "This token may not do that: it needs the scope manage."


def test_who_signs_in_gets_where_they_were_going_with_a_cookie_that_no_script_reads(app: Flask) -> None:
    client, answer = sign_in(app, " Ann ", next="/history?step=1h")

    assert answer.status_code == 303
    assert answer.headers["Location"] == "/history?step=1h"
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("pnl=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    me = client.get("/api/pnl/me")
    assert me.json == {"name": "ann", "role": "viewer", "way": "session", "scopes": []}


def test_over_tls_the_cookie_is_for_tls_and_this_host_alone(app: Flask) -> None:
    client = app.test_client()
    form = {"name": "ann", "password": PASSWORD}

    answer = client.post("/signin", data=form, base_url="https://localhost", headers={"Origin": "https://localhost"})

    assert answer.headers["Set-Cookie"].startswith("__Host-pnl=")
    assert "; Secure;" in answer.headers["Set-Cookie"]
    assert client.get("/api/pnl/me", base_url="https://localhost").status_code == 200
    stolen = answer.headers["Set-Cookie"].partition("=")[2].partition(";")[0]
    assert app.test_client().get("/api/pnl/me", headers={"Cookie": f"__Host-pnl={stolen}"}).status_code == 401


@pytest.mark.parametrize(
    "wanted",
    ["//evil.test/", "https://evil.test/", "/\\evil.test", "javascript:alert(1)", "\\\\evil", "/a\nSet-Cookie: x", ""],
)
def test_after_signing_in_nobody_is_sent_elsewhere(app: Flask, wanted: str) -> None:
    _, answer = sign_in(app, "ann", next=wanted)

    assert answer.status_code == 303
    assert answer.headers["Location"] == "/"


def test_a_wrong_password_and_a_wrong_name_are_told_alike(app: Flask) -> None:
    texts = []
    for name, password in (("ann", "wrong"), ("nobody", PASSWORD), ("ann", ""), ("", PASSWORD)):
        client, answer = sign_in(app, name, password)
        assert answer.status_code == 401
        assert "Set-Cookie" not in answer.headers
        assert client.get("/api/pnl/me").status_code == 401
        texts.append(answer.text.replace(f'value="{name}"', "").replace(" autofocus", ""))
    assert len(set(texts)) == 1
    assert "do not belong together" in texts[0]


def test_a_name_that_is_markup_is_shown_as_text(app: Flask) -> None:
    _, answer = sign_in(app, '"><script>x</script>', "wrong", next='/"><script>y</script>')

    assert "<script>x" not in answer.text
    assert "<script>y" not in answer.text


def test_after_five_attempts_in_a_minute_even_the_right_password_waits(app: Flask) -> None:
    answers = [sign_in(app, f"guess{number}", "wrong")[1].status_code for number in range(5)]

    _, sixth = sign_in(app, "ann")

    assert answers == [401] * 5
    assert sixth.status_code == 429
    assert sixth.headers["Retry-After"] == "60"
    assert "too many attempts" in sixth.text


def test_the_right_password_is_no_attempt_that_counts(app: Flask) -> None:
    assert [sign_in(app, "ann")[1].status_code for _ in range(8)] == [303] * 8


def test_signing_out_ends_the_session_not_the_cookie_alone(app: Flask) -> None:
    client, answer = sign_in(app, "ann")
    session = answer.headers["Set-Cookie"].partition(";")[0]

    out = client.post("/signout", headers=ORIGIN)

    assert (out.status_code, out.headers["Location"]) == (303, "/signin")
    assert app.test_client().get("/api/pnl/me", headers={"Cookie": session}).status_code == 401


def test_signing_in_again_ends_the_session_before(app: Flask) -> None:
    client, answer = sign_in(app, "ann")
    before = answer.headers["Set-Cookie"].partition(";")[0]

    client.post("/signin", data={"name": "ann", "password": PASSWORD}, headers=ORIGIN)

    assert app.test_client().get("/api/pnl/me", headers={"Cookie": before}).status_code == 401


@pytest.mark.parametrize("path", ["/signin", "/signout", "/api/pnl/sources/kalshi/retry", "/_dash-update-component"])
@pytest.mark.parametrize("headers", [{"Origin": "https://evil.test"}, {"Sec-Fetch-Site": "cross-site"}])
def test_another_sites_page_may_send_nothing_in_a_readers_name(app: Flask, path: str, headers: dict[str, str]) -> None:
    client, _ = sign_in(app, "bob")

    assert client.post(path, headers=headers).status_code == 403
    assert client.get("/api/pnl/me").status_code == 200


def test_a_cookie_without_an_origin_changes_nothing_and_opens_no_socket(app: Flask) -> None:
    client, _ = sign_in(app, "bob")

    assert client.post("/api/pnl/sources/kalshi/retry").status_code == 403
    asked = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Key": "x" * 24}
    assert client.get("/api/pnl/ws", headers=asked).status_code == 403


def test_the_entry_of_somebody_who_signed_in_bears_the_name(app: Flask, store: FakeStore) -> None:
    client, _ = sign_in(app, "bob")
    entry = {"id": "a", "date": "2026-11-20", "kind": "sale", "amount": "1.00", "currency": "USD", "description": "x"}

    made = client.post("/api/pnl/entries", json=entry, headers=ORIGIN)

    assert made.status_code == 201, made.text
    assert [line["actor"] for line in store.audit("a")] == ["bob"]


def test_whom_the_proxy_names_comes_in_and_its_word_on_the_address_counts(
    figures: FakeFigures, store: FakeStore, hub: Hub, accounts: SqlAccounts, keys: Keys
) -> None:
    entrance = Named(["10.0.0.0/8"], Roles(["bob@example.com"], []))
    access = Access(entrance=entrance, keys=keys, accounts=accounts, proxies=["10.0.0.0/8"])
    app = served(figures, store, hub, access)
    said = {"X-Forwarded-User": "bob@example.com", "X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}

    def asked(peer: str, headers: dict[str, str]) -> TestResponse:
        return app.test_client().get("/api/pnl/me", headers=headers, environ_overrides={"REMOTE_ADDR": peer})

    trusted = asked("10.9.9.9", said)
    assert trusted.json
    assert trusted.json["name"] == "bob@example.com"
    assert asked("10.9.9.9", said | {"X-Forwarded-User": "eve@example.com"}).status_code == 401
    assert asked("203.0.113.9", said).status_code == 401
    assert asked("203.0.113.9", said | {"X-Forwarded-For": "10.9.9.9"}).status_code == 401


def test_a_forged_address_does_not_pass_the_limit(app: Flask) -> None:
    for number in range(5):
        form = {"name": f"guess{number}", "password": "wrong"}
        app.test_client().post("/signin", data=form, headers=ORIGIN | {"X-Forwarded-For": f"10.0.0.{number}"})

    assert sign_in(app, "ann")[1].status_code == 429
