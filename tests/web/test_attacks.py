"""What somebody tries who may not come in, or wants to do something in the name of who may."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from pnl.access.keys import Keys
from pnl.access.ways import Cookie
from pnl.live.hub import Hub
from pnl.store.accounts import SqlAccounts
from pnl.web.access import Access
from pnl.web.signin import PER_HOUR, PER_MINUTE
from tests.web.doors import ORIGIN, PASSWORD, served, sign_in
from tests.web.fakes import FakeFigures, FakeStore

SECURE: dict[str, Any] = {"base_url": "https://localhost", "environ_overrides": {"REMOTE_ADDR": "10.0.0.1"}}
"""How a request arrives that came to the proxy over TLS."""
WRONG = {"password": "a wrong password"}
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "x" * 22 + "==",
}


@pytest.fixture
def app(figures: FakeFigures, store: FakeStore, hub: Hub, accounts: SqlAccounts, keys: Keys) -> Flask:
    """A server at which people sign in with a password, also by way of a proxy at 10.0.0.1."""
    access = Access(entrance=Cookie(keys), keys=keys, accounts=accounts, proxies=["10.0.0.1"])
    return served(figures, store, hub, access)


def try_in(
    client: FlaskClient, name: str, peer: str = "192.0.2.1", *, right: bool = False, **said: str
) -> TestResponse:
    """Try to sign in from an address, with headers that say something else."""
    form = {"name": name, "password": PASSWORD if right else WRONG["password"]}
    headers = ORIGIN | {name.replace("_", "-"): value for name, value in said.items()}
    return client.post("/signin", data=form, headers=headers, environ_overrides={"REMOTE_ADDR": peer})


def text_of(answer: TestResponse) -> str:
    """Return a page without the name that was given."""
    return re.sub(r'id="name" name="name" value="[^"]*"', "", answer.text)


def test_a_name_that_was_pointed_here_opens_neither_a_page_nor_a_socket(app: Flask, keys: Keys) -> None:
    client = app.test_client()
    for host in (
        "evil.test",
        "localhost.evil.test",
        "127.0.0.1.nip.io:80",
        "evil.test#localhost",
        "localhost@evil.test",
    ):
        client.set_cookie("pnl", keys.sign_in("bob", None), domain="evil.test")
        for path, more in (("/", {}), ("/signin", {}), ("/api/pnl/stream", {}), ("/api/pnl/ws", UPGRADE)):
            headers = {"Host": host, "Origin": f"http://{host}"} | more
            assert client.get(path, headers=headers).status_code == 403, (host, path)


def test_a_page_without_tls_changes_nothing_where_we_speak_it(app: Flask) -> None:
    client = app.test_client()
    form = {"name": "bob", "password": PASSWORD}

    assert client.post("/signin", data=form, headers={"Origin": "http://localhost"}, **SECURE).status_code == 403
    assert client.post("/signin", data=form, headers={"Origin": "https://localhost"}, **SECURE).status_code == 303
    for path in ("/signout", "/api/pnl/sources/kalshi/retry", "/_dash-update-component"):
        assert client.post(path, headers={"Origin": "http://localhost"}, **SECURE).status_code == 403
    assert client.get("/api/pnl/ws", headers=UPGRADE | {"Origin": "http://localhost"}, **SECURE).status_code == 403
    assert client.get("/api/pnl/me", **SECURE).status_code == 200


def test_one_ipv6_household_has_as_many_attempts_as_one_address(app: Flask) -> None:
    client = app.test_client()

    answers = [
        try_in(client, f"guess{number}", f"2001:db8:0:7:{number}::1").status_code for number in range(PER_MINUTE)
    ]

    assert answers == [401] * PER_MINUTE
    assert try_in(client, "ann", "2001:db8:0:7:ffff::9", right=True).status_code == 429
    assert try_in(client, "ann", "2001:db8:0:8::1", right=True).status_code == 303


def test_an_address_counts_the_same_in_either_spelling(app: Flask) -> None:
    client = app.test_client()
    for number in range(PER_MINUTE):
        try_in(client, f"guess{number}", "192.0.2.7" if number % 2 else "::ffff:192.0.2.7")

    assert try_in(client, "ann", "192.0.2.7", right=True).status_code == 429
    assert try_in(client, "ann", "::ffff:192.0.2.8", right=True).status_code == 303


def test_a_name_that_is_guessed_from_everywhere_waits_and_a_name_of_nobody_is_told_the_same(app: Flask) -> None:
    client = app.test_client()
    texts: dict[int, set[str]] = {401: set(), 429: set()}
    for name in ("ann", "nobody"):
        for number in range(PER_HOUR + 2):
            answer = try_in(client, name, f"198.51.100.{number}")
            assert answer.status_code == (401 if number < PER_HOUR else 429)
            texts[answer.status_code].add(text_of(answer))

    assert {status: len(said) for status, said in texts.items()} == {401: 1, 429: 1}
    assert try_in(client, "ANN ", "203.0.113.1", right=True).status_code == 429


def test_no_header_makes_an_attempt_come_from_elsewhere(app: Flask) -> None:
    client = app.test_client()
    headers = ("X_Forwarded_For", "X_Real_IP", "Forwarded", "CF_Connecting_IP", "True_Client_IP")
    for number in range(PER_MINUTE):
        try_in(client, f"guess{number}", right=False, **{headers[number]: f"10.9.9.{number}"})

    assert try_in(client, "ann", right=True, X_Forwarded_For="10.9.9.9").status_code == 429


def test_of_what_a_proxy_hands_on_only_what_it_says_itself_counts(app: Flask) -> None:
    client = app.test_client()
    for number in range(PER_MINUTE):
        try_in(client, f"guess{number}", "10.0.0.1", X_Forwarded_For=f"198.51.100.{number}, 203.0.113.5")

    forged = try_in(client, "ann", "10.0.0.1", right=True, X_Forwarded_For="198.51.100.99, 203.0.113.5")
    other = try_in(client, "ann", "10.0.0.1", right=True, X_Forwarded_For="203.0.113.6")

    assert (forged.status_code, other.status_code) == (429, 303)


@pytest.mark.parametrize(("peer", "name", "flag"), [("10.0.0.1", "__Host-pnl=", True), ("192.0.2.1", "pnl=", False)])
def test_the_cookie_is_for_tls_alone_where_a_trusted_proxy_speaks_it_and_nobody_else_can_say_so(
    app: Flask, peer: str, name: str, flag: bool
) -> None:
    client = app.test_client()
    said = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.5", "Origin": f"http{'s' * flag}://localhost"}
    form = {"name": "ann", "password": PASSWORD}

    answer = client.post("/signin", data=form, headers=said, environ_overrides={"REMOTE_ADDR": peer})

    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(name)
    parts = {part.strip() for part in cookie.split(";")}
    assert ("Secure" in parts) is flag
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= parts
    assert "Domain" not in cookie
    gone = client.post("/signout", headers=said, environ_overrides={"REMOTE_ADDR": peer}).headers["Set-Cookie"]
    assert gone.startswith(f"{name};")
    assert ("Secure" in gone) is flag


@pytest.mark.parametrize("path", ["/signin", "/api/pnl/me", "/embed/check", "/assets/css/base.css", "/nothing"])
def test_where_tls_is_spoken_a_browser_is_told_to_speak_nothing_else_and_nowhere_else(app: Flask, path: str) -> None:
    client = app.test_client()
    said = {"X-Forwarded-Proto": "https"}

    def told(peer: str) -> str | None:
        answer = client.get(path, headers=said, environ_overrides={"REMOTE_ADDR": peer})
        return answer.headers.get("Strict-Transport-Security")

    assert told("10.0.0.1") == "max-age=31536000"
    assert told("192.0.2.1") is None
    assert client.get(path).headers.get("Strict-Transport-Security") is None


def test_a_cookie_that_a_plain_page_could_have_set_is_none_over_tls(app: Flask, keys: Keys) -> None:
    session = keys.sign_in("ann", None)
    client = app.test_client(use_cookies=False)

    def status(name: str, **how: Any) -> int:  # noqa: ANN401 - of the request
        return client.get("/api/pnl/me", headers={"Cookie": f"{name}={session}"}, **how).status_code

    assert (status("pnl", **SECURE), status("__Host-pnl", **SECURE)) == (401, 200)
    assert (status("pnl"), status("__Host-pnl")) == (200, 401)


def test_a_session_that_somebody_planted_is_not_taken_over(app: Flask, keys: Keys) -> None:
    planted = keys.sign_in("ann", None)
    client = app.test_client()
    client.set_cookie("pnl", planted)

    client.post("/signin", data={"name": "bob", "password": PASSWORD}, headers=ORIGIN)

    made = client.get_cookie("pnl")
    assert made
    assert made.value != planted
    thief = app.test_client(use_cookies=False).get("/api/pnl/me", headers={"Cookie": f"pnl={planted}"})
    assert thief.status_code == 401


def test_no_two_sessions_are_alike_and_none_can_be_guessed_from_what_is_kept(keys: Keys) -> None:
    made = {keys.sign_in("ann", None) for _ in range(20)}

    assert len(made) == 20
    assert {len(session) for session in made} == {43}
    for session in made:
        found = keys.of_session(session)
        assert found
        kept = (found.ticket or "").partition(":")[2]
        assert keys.of_session(kept) is None


def test_nobody_signs_somebody_out_from_elsewhere(app: Flask) -> None:
    client, _ = sign_in(app, "bob")

    for headers in ({"Origin": "https://evil.test"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        assert client.post("/signout", headers=headers).status_code == 403
    for method in ("get", "head", "put"):
        getattr(client, method)("/signout", headers=ORIGIN)
    assert client.get("/api/pnl/me").status_code == 200


@pytest.mark.parametrize("name", ["a" * 10_000, "\x00", "' or 1=1 --", "\ud800", "ann\n", "%00", "🦊" * 100])
def test_a_name_of_any_letters_is_a_wrong_name(app: Flask, name: str) -> None:
    body = b"password=wrong&name=" + name.encode("utf-8", "surrogatepass")
    headers = ORIGIN | {"Content-Type": "application/x-www-form-urlencoded"}

    answer = app.test_client().post("/signin", data=body, headers=headers)

    assert answer.status_code == 401, answer.text
    assert "do not belong together" in answer.text
