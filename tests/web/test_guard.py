"""Who may ask, and what a browser is told to refuse."""

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient

from pnl.web.guard import Guard, allow_scripts

SALE = {"id": "inv-1", "date": "2026-11-20", "kind": "sale", "amount": "49.00"}


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8050", "LOCALHOST:8050", "127.0.0.1:8050", "[::1]:8050", "127.0.0.1:9000"]
)
def test_it_answers_to_its_own_names(client: FlaskClient, host: str) -> None:
    assert client.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8050",
        "localhost.evil.example",
        "127.0.0.1.nip.io",
        "10.0.0.1",
        "[",
        "@",
        "",
        "localhost:evil",
        "127.0.0.1:80.evil.example",
    ],
)
def test_a_name_that_was_pointed_here_is_refused(client: FlaskClient, host: str) -> None:
    api, page = client.get("/api/pnl/current", headers={"Host": host}), client.get("/", headers={"Host": host})

    assert (api.status_code, api.content_type) == (403, "application/problem+json")
    assert (page.status_code, page.content_type) == (403, "text/plain; charset=utf-8")
    assert b"PNL_HOST" in api.data


@pytest.mark.parametrize(
    ("bound", "asked", "ours"),
    [
        ("0.0.0.0", "192.168.1.5:8050", True),
        ("::", "[fe80::1]:8050", True),
        ("0.0.0.0", "evil.example", False),
        ("192.168.1.5", "192.168.1.5:8050", True),
        ("192.168.1.5", "192.168.1.6:8050", False),
        ("pnl.lan", "PNL.lan.", True),
    ],
)
def test_what_it_answers_to_follows_where_it_listens(bound: str, asked: str, ours: bool) -> None:
    assert Guard(bound)._is_ours(asked) is ours


def test_more_names_may_be_given() -> None:
    assert Guard("127.0.0.1", ["pnl.example.com"])._is_ours("pnl.example.com")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://localhost"},
        {"Origin": "https://LOCALHOST"},
        {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_our_own_page_may_change_something(client: FlaskClient, headers: dict[str, str]) -> None:
    assert client.post("/api/pnl/entries", json=SALE, headers=headers).status_code == 201


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "http://localhost:3000"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://localhost@evil.example"},
        {"Origin": "file://localhost"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"},
    ],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/api/pnl/entries"), ("PUT", "/api/pnl/entries/inv-1"), ("POST", "/_dash-update-component")],
)
def test_another_sites_page_may_not(client: FlaskClient, headers: dict[str, str], method: str, path: str) -> None:
    assert client.open(path, method=method, json=SALE, headers=headers).status_code == 403


def test_another_sites_page_may_not_open_a_live_socket(client: FlaskClient) -> None:
    headers = {"Upgrade": "websocket", "Origin": "http://evil.example"}

    assert client.get("/api/pnl/current", headers=headers).status_code == 403
    assert client.get("/api/pnl/current", headers={**headers, "Origin": "http://localhost"}).status_code == 200


@pytest.mark.parametrize("path", ["/api/pnl/current", "/healthz", "/api/nothing", "/nothing"])
def test_every_answer_tells_the_browser_what_to_refuse(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers

    assert headers["Content-Security-Policy"] == (
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; worker-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
        "form-action 'self'; object-src 'none'"
    )
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"


def test_the_pages_inline_scripts_are_allowed_by_their_hashes(server: Flask) -> None:
    allow_scripts(server, lambda: ["'sha256-abc='", "'sha256-def='"])

    policy = server.test_client().get("/healthz").headers["Content-Security-Policy"]

    assert "; script-src 'self' 'sha256-abc=' 'sha256-def='; " in policy


def test_what_changes_its_url_with_its_content_is_kept_for_ever(server: Flask) -> None:
    @server.get("/assets/a.css")
    def asset() -> str:
        return "a{}"

    @server.get("/_dash-component-suites/dash/<name>")
    def suite(name: str) -> Response:
        return Response("1", headers={"Cache-Control": "max-age=31536000"} if "m1" in name else {})

    client = server.test_client()
    kept = {
        path: client.get(path).headers["Cache-Control"]
        for path in (
            "/assets/a.css?m=1.5",
            "/assets/a.css",
            "/_dash-component-suites/dash/x.v1m1.js",
            "/_dash-component-suites/dash/x.js",
        )
    }

    assert kept == {
        "/assets/a.css?m=1.5": "public, max-age=31536000, immutable",
        "/assets/a.css": "no-cache",
        "/_dash-component-suites/dash/x.v1m1.js": "public, max-age=31536000, immutable",
        "/_dash-component-suites/dash/x.js": "no-cache",
    }


def test_another_sites_page_gets_no_event_stream(client: FlaskClient) -> None:
    found = client.get("/api/pnl/stream", headers={"Origin": "http://evil.example"})

    assert found.status_code == 403
