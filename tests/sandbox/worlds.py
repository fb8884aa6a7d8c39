"""Small worlds to drive the sandbox in, and a signed client that knows nothing of the sandbox's insides."""

import base64
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from pnl.clock import Clock
from pnl.sandbox import Sandbox

EPOCH = datetime(2026, 10, 20, 12, 0, tzinfo=UTC)


class Frozen:
    """A clock that a test moves."""

    def __init__(self, at: datetime = EPOCH) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    def go(self, **span: float) -> None:
        """Move on by a `timedelta`'s words."""
        self.at += timedelta(**span)


class Desk:
    """A sandbox with the clients that ask it."""

    def __init__(self, sandbox: Sandbox, clock: Clock, http: httpx.Client) -> None:
        self.sandbox, self.clock, self.http = sandbox, clock, http
        self.upstreams = sandbox.upstreams
        self.engine, self.faults = sandbox.engine, sandbox.faults
        key = load_pem_private_key(self.upstreams.kalshi_private_key.encode(), None)
        assert isinstance(key, RSAPrivateKey | Ed25519PrivateKey)
        self.key = key

    def signed(self, path: str, *, off_seconds: float = 0) -> dict[str, str]:
        """Return the three headers for a GET of the full `path`."""
        stamp = str(int((self.clock.now().timestamp() + off_seconds) * 1000))
        message = f"{stamp}GET{path}".encode()
        if isinstance(self.key, Ed25519PrivateKey):
            signature = self.key.sign(message)
        else:
            how = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
            signature = self.key.sign(message, how, hashes.SHA256())
        return {
            "KALSHI-ACCESS-KEY": self.upstreams.kalshi_key_id,
            "KALSHI-ACCESS-TIMESTAMP": stamp,
            "KALSHI-ACCESS-SIGNATURE": base64.b64encode(signature).decode(),
        }

    def ask_kalshi(self, path: str, **query: object) -> httpx.Response:
        """Return the response to a signed request."""
        headers = self.signed(f"/trade-api/v2{path}")
        return self.http.get(f"{self.upstreams.kalshi_base_url}{path}", params=_params(query), headers=headers)

    def kalshi(self, path: str, **query: object) -> Any:  # noqa: ANN401 — JSON
        """Return the body of a good answer."""
        response = self.ask_kalshi(path, **query)
        assert response.status_code == 200, response.text
        return response.json()

    def every(self, path: str, name: str, **query: object) -> list[dict[str, Any]]:
        """Return all rows of all pages."""
        rows: list[dict[str, Any]] = []
        cursor = ""
        while True:
            body = self.kalshi(path, **query, **({"cursor": cursor} if cursor else {}))
            rows += body[name]
            cursor = body["cursor"]
            if not cursor:
                return rows

    def ask_anthropic(self, path: str, *query: tuple[str, str], **headers: str) -> httpx.Response:
        """Return the response to a request with the admin key."""
        sent = {
            "x-api-key": self.upstreams.anthropic_admin_key,
            "anthropic-version": "2023-06-01",
            "anthropic-beta": "analytics-usage-cost-2026-08-24",
        } | headers
        return self.http.get(
            f"{self.upstreams.anthropic_base_url}/v1/organizations{path}",
            params=list(query),
            headers={name: value for name, value in sent.items() if value},
        )

    def anthropic(self, path: str, *query: tuple[str, str]) -> Any:  # noqa: ANN401 — JSON
        """Return the body of a good answer."""
        response = self.ask_anthropic(path, *query)
        assert response.status_code == 200, response.text
        return response.json()

    def ask_revenue(self, *, token: str | None = None, etag: str = "", **query: str | int) -> httpx.Response:
        """Return the response of the feed."""
        headers = {"Authorization": f"Bearer {token or self.upstreams.revenue_token}"}
        if etag:
            headers["If-None-Match"] = etag
        return self.http.get(f"{self.upstreams.revenue_url}/entries", params=_params(query), headers=headers)

    def ask_stripe(self, path: str = "/v1/balance_transactions", /, **query: str | int) -> httpx.Response:
        """Return Stripe's response."""
        headers = {"Authorization": f"Bearer {self.upstreams.stripe_key}"}
        return self.http.get(f"{self.upstreams.stripe_base_url}{path}", params=_params(query), headers=headers)


@contextmanager
def open_desk(
    clock: Clock,
    *,
    lively: bool = True,
    rsa: bool = False,
    netting: bool = True,
    live_days: int = 60,
    seed: int = 11,
    epoch: datetime = EPOCH,
) -> Iterator[Desk]:
    """Give a started sandbox and its clients, and close both."""
    world = Sandbox(clock=clock, seed=seed, epoch=epoch, lively=lively, rsa=rsa, netting=netting, live_days=live_days)
    with world as sandbox, httpx.Client(timeout=5) as http:
        sandbox.faults.read_bucket = None
        yield Desk(sandbox, clock, http)


def _params(query: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in query.items()}
