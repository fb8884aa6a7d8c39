"""Signing in with a password, sessions and their cookies, and what others may not do in somebody's name."""

from datetime import timedelta

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from pnl.access.keys import Keys
from pnl.access.ways import Cookie, Named, Open, Roles
from pnl.live.hub import Hub
from pnl.store.accounts import SqlAccounts
from pnl.web.access import Access
from pnl.web.unchecked import note
from tests.web.doors import ORIGIN, PASSWORD, served, sign_in
from tests.web.fakes import FakeClock, FakeFigures, FakeStore


@pytest.fixture
def app(figures: FakeFigures, store: FakeStore, hub: Hub, accounts: SqlAccounts, keys: Keys) -> Flask:
    """A server at which people sign in with a password."""
    return served(figures, store, hub, Access(entrance=Cookie(keys), keys=keys, accounts=accounts))


@pytest.fixture
def proxied(figures: FakeFigures, store: FakeStore, hub: Hub, accounts: SqlAccounts, keys: Keys) -> Flask:
    """The same behind a proxy that is trusted."""
    access = Access(entrance=Cookie(keys), keys=keys, accounts=accounts, proxies=["127.0.0.1"])
    return served(figures, store, hub, access)


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
    assert (
        app.test_client(use_cookies=False).get("/api/pnl/me", headers={"Cookie": f"__Host-pnl={stolen}"}).status_code
        == 401
    )


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
    assert "too many attempts. Wait 60 seconds" in sixth.text


def test_a_name_that_is_tried_too_often_says_how_long_it_waits(
    figures: FakeFigures, store: FakeStore, hub: Hub, accounts: SqlAccounts, keys: Keys
) -> None:
    clock = FakeClock()
    app = served(figures, store, hub, Access(entrance=Cookie(keys), keys=keys, accounts=accounts), clock)
    for _ in range(20):
        assert sign_in(app, "ann", "wrong")[1].status_code == 401
        clock.at += timedelta(seconds=61)

    _, refused = sign_in(app, "ann")
    clock.at += timedelta(seconds=int(refused.headers["Retry-After"]))
    _, come = sign_in(app, "ann")

    # That of 61 s is the oldest of twenty, with this one, and an hour old in 3,600 s less the 19 minutes since.
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, str(3_600 - 19 * 61))
    assert "Wait 41 minutes, then try again" in refused.text
    assert come.status_code == 303


def test_the_right_password_is_no_attempt_that_counts(app: Flask) -> None:
    assert [sign_in(app, "ann")[1].status_code for _ in range(8)] == [303] * 8


def test_signing_out_ends_the_session_not_the_cookie_alone(app: Flask) -> None:
    client, answer = sign_in(app, "ann")
    session = answer.headers["Set-Cookie"].partition(";")[0]
    thief = app.test_client(use_cookies=False)
    assert thief.get("/api/pnl/me", headers={"Cookie": session}).status_code == 200

    out = client.post("/signout", headers=ORIGIN)

    assert (out.status_code, out.headers["Location"]) == (303, "/signin")
    assert app.test_client(use_cookies=False).get("/api/pnl/me", headers={"Cookie": session}).status_code == 401


def test_signing_in_again_ends_the_session_before(app: Flask) -> None:
    client, answer = sign_in(app, "ann")
    before = answer.headers["Set-Cookie"].partition(";")[0]

    client.post("/signin", data={"name": "ann", "password": PASSWORD}, headers=ORIGIN)

    assert app.test_client(use_cookies=False).get("/api/pnl/me", headers={"Cookie": before}).status_code == 401


@pytest.mark.parametrize("path", ["/signin", "/signout", "/api/pnl/sources/kalshi/retry", "/_dash-update-component"])
@pytest.mark.parametrize("headers", [{"Origin": "https://evil.test"}, {"Sec-Fetch-Site": "cross-site"}])
def test_another_sites_page_may_send_nothing_in_a_readers_name(app: Flask, path: str, headers: dict[str, str]) -> None:
    client, _ = sign_in(app, "bob")

    assert client.post(path, headers=headers).status_code == 403
    assert client.get("/api/pnl/me").status_code == 200


def test_a_cookie_without_an_origin_changes_nothing_and_opens_no_socket(app: Flask) -> None:
    client, _ = sign_in(app, "bob")

    assert client.post("/api/pnl/sources/kalshi/retry").status_code == 403
    asked = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Key": "x" * 22 + "=="}
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
    entrance = Named(["10.0.0.0/8"], Roles(["bob@example.com"], ["@example.com"]))
    access = Access(entrance=entrance, keys=keys, accounts=accounts, proxies=["10.0.0.0/8"])
    app = served(figures, store, hub, access)
    said = {"X-Forwarded-User": "bob@example.com", "X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}

    def asked(peer: str, headers: dict[str, str]) -> TestResponse:
        return app.test_client().get("/api/pnl/me", headers=headers, environ_overrides={"REMOTE_ADDR": peer})

    trusted = asked("10.9.9.9", said)
    assert trusted.json
    assert trusted.json["name"] == "bob@example.com"
    looks = asked("10.9.9.9", said | {"X-Forwarded-User": "eve@example.com"}).json
    assert looks
    assert (looks["name"], looks["role"]) == ("eve@example.com", "viewer")
    assert asked("10.9.9.9", said | {"X-Forwarded-User": "eve@other.example"}).status_code == 401
    assert asked("10.9.9.9", said | {"X-Forwarded-User": "@example.com"}).status_code == 401
    assert asked("203.0.113.9", said).status_code == 401
    assert asked("203.0.113.9", said | {"X-Forwarded-For": "10.9.9.9"}).status_code == 401


def test_an_address_that_is_let_in_comes_in_and_another_is_told_what_it_is(
    figures: FakeFigures, store: FakeStore, hub: Hub, accounts: SqlAccounts, keys: Keys
) -> None:
    app = served(figures, store, hub, Access(entrance=Open(["10.213.85.1"]), keys=keys, accounts=accounts))

    def asked(peer: str, **headers: str) -> TestResponse:
        return app.test_client().get("/api/pnl/me", headers=headers, environ_overrides={"REMOTE_ADDR": peer})

    assert asked("10.213.85.1").status_code == 200
    refused = asked("10.213.85.2", **{"X-Forwarded-For": "10.213.85.1"})
    assert refused.status_code == 401
    assert refused.json
    assert "10.213.85.2 is no address that is let in" in refused.json["detail"]


def test_a_forged_address_does_not_pass_the_limit(app: Flask) -> None:
    for number in range(5):
        form = {"name": f"guess{number}", "password": "wrong"}
        app.test_client().post("/signin", data=form, headers=ORIGIN | {"X-Forwarded-For": f"10.0.0.{number}"})

    assert sign_in(app, "ann")[1].status_code == 429


@pytest.mark.parametrize(
    "written", ["198.51.100.9:{}", "[2001:db8::9]:{}", "unknown-{}", "203.0.113.{}, 198.51.100.9:{}"]
)
def test_a_client_counts_as_one_however_the_proxy_writes_its_address(written: str, proxied: Flask) -> None:
    for number in range(5):
        form = {"name": f"guess{number}", "password": "wrong"}
        said = ORIGIN | {"X-Forwarded-For": written.format(number, number)}
        assert proxied.test_client().post("/signin", data=form, headers=said).status_code == 401

    said = ORIGIN | {"X-Forwarded-For": written.format(9, 9)}
    sixth = proxied.test_client().post("/signin", data={"name": "ann", "password": PASSWORD}, headers=said)

    assert sixth.status_code == 429


def test_the_page_to_sign_in_at_says_when_certificates_are_not_checked(app: Flask) -> None:
    before = app.test_client().get("/signin").text
    note(app, ["<feed>.test"])

    told = app.test_client().get("/signin").text

    assert "TLS certificates are not checked" not in before
    assert 'role="alert"' in told
    assert "Whoever is on the way to &lt;feed&gt;.test can read the key" in told
