"""Signing in at a provider of OpenID Connect: the way there and back, and everything that can be amiss."""

import html
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from pnl.access.keys import RECHECK_SECONDS, Keys
from pnl.access.provider import Provider
from pnl.access.ways import Cookie, Roles, Shown
from pnl.clock import SystemClock
from pnl.live.hub import Hub
from pnl.store.accounts import SqlAccounts
from pnl.web.access import Access
from pnl.web.signin_provider import PER_MINUTE
from tests.fakes import StillClock
from tests.providers.forger import CLIENT, SECRET, Forger
from tests.providers.process import ProviderProcess
from tests.web.doors import ORIGIN, served
from tests.web.fakes import FakeFigures, FakeStore

EDITORS, VIEWERS = ["bob@example.com"], ["@example.com"]
BACK = "http://localhost/signin/oidc/back"


@pytest.fixture(scope="module")
def process() -> Iterator[ProviderProcess]:
    with ProviderProcess() as made:
        yield made


class House:
    """The server, with people who are known at a provider, and lists that can be changed."""

    def __init__(self, accounts: SqlAccounts, issuer: str) -> None:
        self.clock = StillClock(SystemClock().now())
        self.accounts = accounts
        self.provider = Provider(issuer, CLIENT, SECRET, clock=SystemClock())
        self.editors, self.viewers = EDITORS, VIEWERS

    @property
    def access(self) -> Access:
        roles = Roles(self.editors, self.viewers)
        keys = Keys(self.accounts, self.clock, role_of=roles.of)
        return Access(entrance=Cookie(keys), keys=keys, accounts=self.accounts, provider=self.provider, roles=roles)


@pytest.fixture
def house(accounts: SqlAccounts, process: ProviderProcess) -> House:
    return House(accounts, process.url)


@pytest.fixture
def app(figures: FakeFigures, store: FakeStore, hub: Hub, house: House) -> Flask:
    return served(figures, store, hub, house.access)


def go(client: FlaskClient, wanted: str = "/") -> str:
    """Press the button; return where the browser is sent to."""
    answer = client.get("/signin/oidc", query_string={"next": wanted})
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def come(client: FlaskClient, process: ProviderProcess, sub: str, wanted: str = "/") -> TestResponse:
    """Sign in at the provider, and come back."""
    return client.get(process.sign_in(go(client, wanted), sub))


def me(client: FlaskClient) -> object:
    answer = client.get("/api/pnl/me")
    return (answer.json or {}).get("name"), (answer.json or {}).get("role"), answer.status_code


def test_whoever_comes_is_shown_the_way_to_the_provider(app: Flask, house: House) -> None:
    client = app.test_client()

    sent = client.get("/history?step=1d").headers["Location"]
    page = client.get(sent)

    assert sent == "/signin?next=%2Fhistory%3Fstep%3D1d"
    assert f'href="/signin/oidc?next=%2Fhistory%3Fstep%3D1d">Sign in at {house.provider.host}</a>' in page.text
    assert "password" not in page.text
    assert client.post("/signin", data={"name": "ann"}, headers=ORIGIN).status_code == 401


def test_who_comes_back_is_in_as_the_lists_say_and_gets_where_they_were_going(
    app: Flask, process: ProviderProcess
) -> None:
    for sub, role in (("ann", "viewer"), ("bob", "editor")):
        client = app.test_client()

        answer = come(client, process, sub, "/history?step=1d")

        assert (answer.status_code, answer.headers["Location"]) == (303, "/history?step=1d")
        assert me(client) == (f"{sub}@example.com", role, 200)
        session, hint, gone = answer.headers.getlist("Set-Cookie")
        assert hint.startswith("pnl-hint=")
        assert {"HttpOnly", "SameSite=Lax", "Path=/signin/oidc/out"} <= {part.strip() for part in hint.split(";")}
        assert session.startswith("pnl=")
        assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= {part.strip() for part in session.split(";")}
        assert gone.startswith("pnl-signin=;")
        assert "Max-Age=0" in gone
        assert "no-store" in answer.headers["Cache-Control"]


def test_the_redirect_goes_to_the_name_that_the_browser_knows_us_by_and_to_no_other(app: Flask) -> None:
    def back(**given: Any) -> str:  # noqa: ANN401 - of the request
        answer = app.test_client().get("/signin/oidc", **given)
        return parse_qs(urlsplit(answer.headers.get("Location", "")).query).get("redirect_uri", [str(answer.status)])[0]

    assert back() == BACK
    assert back(base_url="https://127.0.0.1") == "https://127.0.0.1/signin/oidc/back"
    assert back(base_url="http://evil.test") == "403 FORBIDDEN"
    forged = {"X-Forwarded-Host": "evil.test", "X-Forwarded-Proto": "https", "Forwarded": "host=evil.test"}
    assert back(headers=forged) == BACK


def test_over_tls_cookies_are_for_tls_and_this_host_alone(app: Flask, process: ProviderProcess) -> None:
    client = app.test_client()
    begun = client.get("/signin/oidc", base_url="https://localhost")
    (cookie,) = begun.headers.getlist("Set-Cookie")
    assert cookie.startswith("__Host-pnl-signin=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=600"} <= {
        part.strip() for part in cookie.split(";")
    }

    answer = client.get(process.sign_in(begun.headers["Location"], "ann"), base_url="https://localhost")

    assert answer.status_code == 303
    assert [one.partition("=")[0] for one in answer.headers.getlist("Set-Cookie")] == [
        "__Host-pnl",
        "__Secure-pnl-hint",
        "__Host-pnl-signin",
    ]
    assert "Domain" not in "".join(answer.headers.getlist("Set-Cookie"))


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.test/",
        "https://evil.test/",
        "/\\evil.test",
        "javascript:alert(1)",
        "\\\\evil",
        "/a\nSet-Cookie: x=y",
        "//[",
        "/" + "a" * 2_000,
        "",
    ],
)
def test_after_signing_in_nobody_is_sent_elsewhere(app: Flask, process: ProviderProcess, wanted: str) -> None:
    assert come(app.test_client(), process, "ann", wanted).headers["Location"] == "/"


def test_a_place_in_the_cookie_that_is_not_ours_is_not_gone_to(app: Flask, process: ProviderProcess) -> None:
    client = app.test_client()
    address = process.sign_in(go(client), "ann")
    cookie = client.get_cookie("pnl-signin")
    assert cookie
    client.set_cookie("pnl-signin", cookie.value.partition(".")[0] + ".https%3A%2F%2Fevil.test")

    assert client.get(address).headers["Location"] == "/"


def refused(answer: TestResponse, status: int, said: str) -> None:
    """Assert that a calm page says what is amiss, and that nobody was let in."""
    assert answer.status_code == status, answer.text
    assert answer.content_type == "text/html; charset=utf-8"
    assert said in answer.text
    assert 'role="alert"' in answer.text
    assert "Traceback" not in answer.text
    assert not [one for one in answer.headers.getlist("Set-Cookie") if one.startswith("pnl=")]
    assert SECRET not in answer.text


def test_an_answer_that_was_used_lets_nobody_in_again(app: Flask, process: ProviderProcess) -> None:
    client = app.test_client()
    address = process.sign_in(go(client), "ann")
    cookie = client.get_cookie("pnl-signin")
    assert cookie
    assert client.get(address).status_code == 303

    refused(client.get(address), 400, "That sign-in is over")
    thief = app.test_client()
    thief.set_cookie("pnl-signin", cookie.value)
    refused(thief.get(address), 400, "That sign-in is over")
    assert me(thief) == (None, None, 401)


def test_an_answer_to_another_browser_lets_nobody_in(app: Flask, process: ProviderProcess) -> None:
    attacker, victim = app.test_client(), app.test_client()
    address = process.sign_in(go(attacker), "eve")
    go(victim)

    refused(victim.get(address), 400, "begun in another browser")
    refused(app.test_client().get(address), 400, "begun in another browser")


def test_a_code_of_another_sign_in_lets_nobody_in(app: Flask, process: ProviderProcess) -> None:
    attacker, victim = app.test_client(), app.test_client()
    stolen = parse_qs(urlsplit(process.sign_in(go(victim), "bob")).query)["code"][0]
    state = parse_qs(urlsplit(go(attacker)).query)["state"][0]

    refused(attacker.get(f"/signin/oidc/back?code={stolen}&state={state}"), 403, "of another sign-in (nonce)")
    assert me(attacker) == (None, None, 401)


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("", 400, "That sign-in is over"),
        ("?code=x", 400, "That sign-in is over"),
        ("?code=x&state=", 400, "That sign-in is over"),
        ("?code=x&state=%FF%ED%A0%80", 400, "That sign-in is over"),
        ("?code=x&state=wrong", 400, "That sign-in is over"),
        ("?code=x&state={state}&iss=https://evil.test", 400, "That sign-in is over"),
        ("?state={state}", 403, "Nobody was signed in"),
        ("?error=access_denied&state={state}", 403, "Nobody was signed in"),
        ("?error=<script>alert(1)</script>&error_description=<b>&state={state}", 403, "Nobody was signed in"),
        ("?error=access_denied&code=x&state={state}", 403, "Nobody was signed in"),
        ("?code=<script>&state={state}", 403, "was used already, or took too long"),
        ("?code=%00%0d%0aX&state={state}", 403, "was used already, or took too long"),
    ],
)
def test_what_comes_back_otherwise_is_told_calmly(app: Flask, query: str, status: int, said: str) -> None:
    client = app.test_client()
    state = parse_qs(urlsplit(go(client)).query)["state"][0]

    answer = client.get("/signin/oidc/back" + query.format(state=state))

    refused(answer, status, said)
    assert "<script>alert" not in answer.text
    assert "<b>" not in answer.text


def test_who_said_no_at_the_provider_is_told_so(app: Flask, process: ProviderProcess) -> None:
    client = app.test_client()
    address = process.sign_in(go(client), "")

    answer = client.get(address)

    # This provider leaves the state out where somebody says no: so it is not known whose answer that is.
    refused(answer, 400, "Begin anew")


@pytest.mark.parametrize(
    ("sub", "said"),
    [
        ("eve", "You are eve@evil.test, and may not come in. Whoever runs this server can let you."),
        ("zoe", "has not seen that your mail address is yours"),
        ("<script>alert(1)</script>", "You are &lt;script&gt;alert(1)&lt;/script&gt;, and may not come in."),
    ],
)
def test_whom_no_list_names_does_not_come_in_and_can_sign_in_as_somebody_else(
    app: Flask, process: ProviderProcess, sub: str, said: str
) -> None:
    client = app.test_client()

    answer = come(client, process, sub, "/history")

    refused(answer, 403, said)
    assert me(client) == (None, None, 401)
    assert 'href="/signin/oidc?next=%2Fhistory&amp;anew"' in answer.text
    assert "prompt=select_account" in client.get("/signin/oidc?next=%2Fhistory&anew").headers["Location"]


def test_signing_out_ends_the_session_not_the_cookie_alone(app: Flask, process: ProviderProcess) -> None:
    client = app.test_client()
    session = come(client, process, "ann").headers["Set-Cookie"].partition(";")[0]
    thief = app.test_client(use_cookies=False)
    assert thief.get("/api/pnl/me", headers={"Cookie": session}).status_code == 200

    out = client.post("/signout", headers=ORIGIN)

    assert (out.status_code, out.headers["Location"]) == (303, "/signin/oidc/out")
    assert app.test_client(use_cookies=False).get("/api/pnl/me", headers={"Cookie": session}).status_code == 401


def test_whoever_signs_out_is_sent_to_the_provider_to_sign_out_there_too(app: Flask, process: ProviderProcess) -> None:
    client = app.test_client()
    come(client, process, "ann")
    kept = client.get_cookie("pnl-hint", path="/signin/oidc/out")
    assert kept

    answer = client.get(client.post("/signout", headers=ORIGIN).headers["Location"])

    found = re.search(r'http-equiv="refresh" content="0;url=([^"]+)"', answer.text)
    assert found
    address = html.unescape(found[1])
    asked = parse_qs(urlsplit(address).query)
    assert address.startswith(f"{process.url}/oauth2/end_session?")
    assert asked["id_token_hint"] == [kept.value]
    assert asked["post_logout_redirect_uri"] == ["http://localhost/signin"]
    assert "no-store" in answer.headers["Cache-Control"]
    assert client.get_cookie("pnl-hint", path="/signin/oidc/out") is None
    assert me(client) == (None, None, 401)


def test_where_the_provider_has_no_way_out_or_does_not_answer_one_is_signed_out_here(
    figures: FakeFigures, store: FakeStore, hub: Hub, accounts: SqlAccounts
) -> None:
    with Forger() as forger:
        house = House(accounts, forger.url)
        client = served(figures, store, hub, house.access).test_client()
        without = client.post("/signout", headers=ORIGIN)
        end = client.get("/signin/oidc/out")
    down = (
        served(figures, store, hub, House(accounts, forger.url).access).test_client().post("/signout", headers=ORIGIN)
    )

    for answer in (without, end, down):
        assert (answer.status_code, answer.headers["Location"]) == (303, "/signin")


def test_signing_in_again_ends_the_session_before_and_a_planted_one_is_not_taken_over(
    app: Flask, process: ProviderProcess
) -> None:
    client = app.test_client()
    client.set_cookie("pnl", "planted-by-somebody-who-waits")
    before = come(client, process, "ann").headers["Set-Cookie"].partition(";")[0]
    assert "planted" not in before

    come(client, process, "bob")

    assert me(client) == ("bob@example.com", "editor", 200)
    assert app.test_client(use_cookies=False).get("/api/pnl/me", headers={"Cookie": before}).status_code == 401


def test_what_somebody_may_do_follows_the_lists_also_in_a_session_that_goes_on(
    app: Flask, house: House, process: ProviderProcess
) -> None:
    client = app.test_client()
    come(client, process, "ann")
    cookie = client.get_cookie("pnl")
    assert cookie

    def after(editors: list[str], viewers: list[str]) -> object:
        house.editors, house.viewers = editors, viewers
        found = house.access.entrance.person(Shown(peer=None, session=cookie.value))
        return found.role if found else None

    assert after(["ann@example.com"], []) == "editor"
    assert after([], ["ann@example.com"]) == "viewer"
    assert after([], ["bob@example.com"]) is None


def test_a_session_of_a_person_whose_sessions_are_ended_is_over(
    app: Flask, house: House, process: ProviderProcess
) -> None:
    client = app.test_client()
    come(client, process, "ann")
    assert me(client) == ("ann@example.com", "viewer", 200)

    assert house.accounts.close_sessions("ann@example.com") == 1
    house.clock.go(RECHECK_SECONDS + 0.1)

    assert me(client) == (None, None, 401)


def test_a_provider_that_is_down_ends_no_session_and_is_told_with_the_cure(
    figures: FakeFigures, store: FakeStore, hub: Hub, accounts: SqlAccounts
) -> None:
    with Forger() as forger:
        house = House(accounts, forger.url)
        app = served(figures, store, hub, house.access)
        client, late = app.test_client(), app.test_client()
        answer = client.get(f"/signin/oidc/back?{forged(forger, go(client))}")
        assert answer.status_code == 303
        query = forged(forger, go(late))

    refused(late.get(f"/signin/oidc/back?{query}"), 503, "gives no answer that could be used")

    house.clock.go(RECHECK_SECONDS + 0.1)
    assert me(client) == ("ann@example.com", "viewer", 200)
    house.provider = Provider(forger.url, CLIENT, SECRET, clock=SystemClock())
    fresh = served(figures, store, hub, house.access).test_client()
    refused(fresh.get("/signin/oidc?next=%2Fhistory"), 503, "Try again in a minute; who is signed in stays so.")
    assert "next=%2Fhistory" in fresh.get("/signin/oidc?next=%2Fhistory").text


def forged(forger: Forger, address: str) -> str:
    return f"code={forger.come_back(address)}&state={parse_qs(urlsplit(address).query)['state'][0]}"


def test_answers_that_let_nobody_in_are_counted_by_address(app: Flask) -> None:
    client = app.test_client()

    def guess(address: str) -> int:
        state = parse_qs(urlsplit(go(client)).query)["state"][0]
        client_address = {"REMOTE_ADDR": address}
        return client.get(f"/signin/oidc/back?code=x&state={state}", environ_overrides=client_address).status_code

    assert [guess(f"2001:db8:1:2::{number}") for number in range(PER_MINUTE)] == [403] * PER_MINUTE
    state = parse_qs(urlsplit(go(client)).query)["state"][0]
    last = client.get(
        f"/signin/oidc/back?code=x&state={state}", environ_overrides={"REMOTE_ADDR": "2001:db8:1:2:ffff::1"}
    )

    refused(last, 429, "There were too many attempts. Wait 60 seconds")
    assert last.headers["Retry-After"] == "60"
    assert guess("2001:db8:1:3::1") == 403
