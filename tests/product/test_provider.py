"""The product as a process at which people sign in whom a provider of OpenID Connect knows, another process."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.live.wire import Wire
from tests.product.process import Process
from tests.providers.process import ProviderProcess
from tests.redis.servers import wait_until

SECRET = "the-secret-that-the-provider-gave"


@pytest.fixture
def provider() -> Iterator[ProviderProcess]:
    with ProviderProcess() as made:
        yield made


@pytest.fixture
def begin(tmp_path: Path, provider: ProviderProcess) -> Iterator[Callable[..., Process]]:
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    started: list[Process] = []

    def start(**settings: str) -> Process:
        given = {
            "PNL_AUTH": "oidc",
            "PNL_OIDC_ISSUER": provider.url,
            "PNL_OIDC_CLIENT_ID": "northstar",
            "PNL_OIDC_CLIENT_SECRET_FILE": str(secret),
            "PNL_EDITORS": "bob@example.com",
            "PNL_VIEWERS": "@example.com",
        }
        started.append(Process(tmp_path / "data", **(given | settings)))
        return started[-1]

    yield start
    for process in started:
        process.end()


def serves(process: Process) -> bool:
    assert process.process.poll() is None, process.said()
    try:
        return httpx.get(f"http://127.0.0.1:{process.port}/healthz").status_code == 200
    except httpx.TransportError:
        return False


@contextmanager
def signed_in(process: Process, provider: ProviderProcess, sub: str) -> Iterator[tuple[httpx.Client, str]]:
    """Give a browser that somebody signed in with, and where it was sent back to."""
    base = f"http://127.0.0.1:{process.port}"
    with httpx.Client(base_url=base, headers={"Origin": base}, timeout=30) as browser:
        back = provider.sign_in(browser.get("/signin/oidc").headers["Location"], sub)
        assert browser.get(back).headers["Location"] == "/"
        yield browser, back


def test_who_signs_in_at_the_provider_sees_the_figures_until_the_sign_out_and_no_secret_is_logged(
    begin: Callable[..., Process], provider: ProviderProcess
) -> None:
    process = begin()
    wait_until(lambda: serves(process))
    assert process.get("/api/pnl/current").status_code == 401

    with signed_in(process, provider, "ann") as (browser, back):
        wait_until(lambda: browser.get("/api/pnl/current").status_code == 200)
        assert browser.post("/api/pnl/entries", json={}).status_code == 403
        session = browser.cookies["pnl"]
        cookie = f"Cookie: pnl={session}\r\nOrigin: http://127.0.0.1:{process.port}\r\n"
        with Wire(process.port, more=cookie) as wire:
            assert wire.status == 101
            assert wire.message()["t"] == "snapshot"
            assert browser.post("/signout").status_code == 303
            assert wire.ended() == 4401
    asked = parse_qs(urlsplit(back).query)
    wrong = httpx.get(f"http://127.0.0.1:{process.port}{urlsplit(back).path}?{urlsplit(back).query}")
    assert wrong.status_code == 400
    token = f"pnl_{'a' * 12}_{'b' * 43}"
    for headers, query in (
        ({"Authorization": f"Bearer {token}"}, ""),
        ({}, f"?token={token}"),
        ({"Cookie": token}, ""),
    ):
        refused = httpx.get(f"http://127.0.0.1:{process.port}/api/pnl/me{query}", headers=headers)
        assert refused.status_code == 401
        assert token not in refused.text
    for secret in (SECRET, session, token, asked["code"][0], asked["state"][0]):
        assert secret not in process.said()
        assert secret not in wrong.text
    assert "Traceback" not in process.said()
    assert "user=ann@example.com" in process.said() or '"user": "ann@example.com"' in process.said()


def test_a_session_outlives_the_provider_and_a_restart_and_follows_the_lists(
    begin: Callable[..., Process], provider: ProviderProcess
) -> None:
    process = begin()
    wait_until(lambda: serves(process))
    with signed_in(process, provider, "bob") as (browser, _):
        assert browser.get("/api/pnl/me").json()["role"] == "editor"
        provider.stop()

        def role_after(**lists: str) -> object:
            process.stop()
            process.environment |= lists
            process.again()
            wait_until(lambda: serves(process))
            return browser.get("/api/pnl/me").json().get("role")

        assert role_after() == "editor"
        assert role_after(PNL_EDITORS="ann@example.com") == "viewer"
        assert role_after(PNL_VIEWERS="ann@example.com") is None
        told = browser.get("/signin/oidc")
        assert told.status_code == 503
        assert "Try again in a minute" in told.text
