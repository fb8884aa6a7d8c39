"""The sandbox: Kalshi, Anthropic, a revenue feed and Stripe as real HTTP servers on loopback.

One deterministic world is behind all four, so the product can be tried and tested without a key::

    with Sandbox(seed=7, clock=SystemClock(), epoch=epoch) as sandbox:
        upstreams = sandbox.upstreams

A test writes its own small world with `lively=False` and the methods of `sandbox.engine`, and
breaks things with `sandbox.faults`.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from types import TracebackType
from typing import Self

from pnl.clock import Clock, SystemClock
from pnl.errors import BookError
from pnl.sandbox.anthropic_server import AnthropicServer
from pnl.sandbox.chance import identity, token
from pnl.sandbox.engine import Engine
from pnl.sandbox.faults import (
    Altered,
    Faults,
    GzipBomb,
    Hang,
    HtmlPage,
    HugeBody,
    NanBody,
    Raw,
    RepeatedCursor,
    Reset,
    SlowDrip,
    Status,
    Truncated,
)
from pnl.sandbox.kalshi_keys import Gate, make_key
from pnl.sandbox.kalshi_pages import refusal as kalshi_refusal
from pnl.sandbox.kalshi_server import PREFIX as KALSHI_PREFIX
from pnl.sandbox.kalshi_server import KalshiServer
from pnl.sandbox.ledgers import tell_ledgers
from pnl.sandbox.revenue_server import PREFIX as REVENUE_PREFIX
from pnl.sandbox.revenue_server import RevenueServer, problem
from pnl.sandbox.serve import Server
from pnl.sandbox.stories import tell_trading
from pnl.sandbox.stripe_server import StripeServer

__all__ = [
    "Altered",
    "Engine",
    "Faults",
    "GzipBomb",
    "Hang",
    "HtmlPage",
    "HugeBody",
    "NanBody",
    "Raw",
    "RepeatedCursor",
    "Reset",
    "Sandbox",
    "SlowDrip",
    "Status",
    "Truncated",
    "Upstreams",
]

_LIVELY_SHARE = Decimal("0.9")


@dataclass(frozen=True, slots=True, kw_only=True)
class Upstreams:
    """Where the four servers are, and the keys that they take."""

    kalshi_base_url: str
    kalshi_key_id: str
    kalshi_private_key: str = field(repr=False)
    anthropic_base_url: str
    anthropic_admin_key: str = field(repr=False)
    revenue_url: str
    revenue_token: str = field(repr=False)
    stripe_base_url: str
    stripe_key: str = field(repr=False)


class Sandbox:
    """A company's world and its four upstreams.

    Args:
        seed: The same seed and epoch tell the same story, ids included, whenever the clock looks.
        clock: Whose time the world lives in.
        epoch: When the story begins; thirty days before the first start gives a month of history.
        lively: False for an empty world, written by hand.
        rsa: True for an RSA key in the place of Ed25519.
        netting: False for an account that keeps YES and NO side by side until settlement.
        live_days: Kalshi's rows older than this have moved to `/historical`.
    """

    def __init__(
        self,
        *,
        seed: int,
        clock: Clock,
        epoch: datetime,
        lively: bool = True,
        rsa: bool = False,
        netting: bool = True,
        live_days: int = 60,
    ) -> None:
        self.engine = Engine(seed=seed, clock=clock, epoch=epoch, netting=netting)
        self.faults = Faults()
        self._clock, self._seed, self._rsa, self._live_days = clock, seed, rsa, live_days
        self._servers: list[Server] = []
        self._upstreams: Upstreams | None = None
        if lively:
            self.engine.spending.share = _LIVELY_SHARE
            tell_trading(self.engine)
            tell_ledgers(self.engine)

    @property
    def upstreams(self) -> Upstreams:
        """The addresses and keys.

        Raises:
            BookError: The sandbox has not been started.
        """
        if self._upstreams is None:
            raise BookError("the sandbox has not been started")
        return self._upstreams

    def start(self) -> Upstreams:
        """Play the past, serve on free ports of 127.0.0.1, in daemon threads, and return where."""
        if self._upstreams is not None:
            return self._upstreams
        self.engine.advance()  # or the first request would have to wait for it
        engine, faults, seed = self.engine, self.faults, self._seed
        key, pem = make_key(rsa=self._rsa)
        key_id = identity(seed, "kalshi key")
        admin_key = token("sk-ant-admin01-", seed, "admin key")
        revenue_token = token("rev_", seed, "revenue token")
        stripe_key = token("rk_test_", seed, "stripe key")
        gate = Gate(key_id, key, faults, SystemClock().monotonic)
        kalshi = KalshiServer(engine, faults, gate, live_days=self._live_days)
        anthropic = AnthropicServer(engine, faults, admin_key)
        revenue = RevenueServer(engine, faults, revenue_token)
        stripe = StripeServer(engine, stripe_key)
        faults.stopped.clear()
        self._servers = [
            Server("kalshi", kalshi, kalshi_refusal, faults, self._clock, prefix=KALSHI_PREFIX),
            Server("anthropic", anthropic, anthropic.refusal, faults, self._clock),
            Server("revenue", revenue, problem, faults, self._clock, prefix=REVENUE_PREFIX),
            Server("stripe", stripe, stripe.refusal, faults, self._clock),
        ]
        for server in self._servers:
            server.begin()
        urls = [server.url for server in self._servers]
        self._upstreams = Upstreams(
            kalshi_base_url=urls[0],
            kalshi_key_id=key_id,
            kalshi_private_key=pem,
            anthropic_base_url=urls[1],
            anthropic_admin_key=admin_key,
            revenue_url=urls[2],
            revenue_token=revenue_token,
            stripe_base_url=urls[3],
            stripe_key=stripe_key,
        )
        return self._upstreams

    def stop(self) -> None:
        """Stop serving; hanging and dripping answers end at once."""
        self.faults.stopped.set()
        for server in self._servers:
            server.end()
        self._servers, self._upstreams = [], None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
