"""The one way that every source speaks HTTP: a total deadline, a byte cap, exact numbers, failures sorted once."""

import asyncio
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from ipaddress import ip_address
from typing import Any, NoReturn

import httpx

from pnl import __version__
from pnl.clock import Clock
from pnl.errors import ConfigError, SourceError, SourceGarbled, SourceUnreachable
from pnl.metrics.instruments import UPSTREAM, UPSTREAM_REQUESTS, UPSTREAM_SUCCESS
from pnl.ports import Traffic
from pnl.sources.failures import http_date, of_status, of_transport, result_of, retry_after
from pnl.sources.meter import Meter
from pnl.sources.network import Network, by_proxy, context
from pnl.sources.reading import exact_json
from pnl.sources.resolver import Resolver

MIB = 1024 * 1024
_ERROR_BYTES = 64 * 1024
_HEADERS = 200
_HEADER_BYTES = 64 * 1024

Explain = Callable[[bytes], str | None]
"""Pulls the human text out of a vendor's error body; None when it finds none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A 2xx or 304 answer, whole.

    `headers` find a name in any case. `took_seconds` runs from asking to the last byte, which came
    at `received_at`. `what` names the request in errors: host and path, never a query.
    """

    source: str
    what: str
    status: int
    headers: httpx.Headers
    body: bytes
    took_seconds: float
    received_at: datetime

    def json(self) -> Any:  # noqa: ANN401 - JSON enters here
        """Return the body's JSON value, numbers with a point as `Decimal`.

        Raises:
            SourceGarbled: See `exact_json`.
        """
        return exact_json(self.source, self.what, self.body)


class Http:
    """Asks one upstream. Keeps connections, never a cookie; follows no redirect; asks once, never again.

    Args:
        source: The source's name, which its errors carry.
        base_url: `https://…`, or `http://…` where the operator named it so; every path is added to it.
        clock: Tells the time.
        deadline_seconds: For connecting, headers and body together.
        byte_cap: The longest body taken.
        headers: Sent with every request. Their values never appear in an error.
        explain: Pulls the human text out of an error body; it may raise, its errors are ignored.
        transport: Goes in place of the network.
        resolver: Finds addresses; one of its own when not given.
        verify: Whether the server's certificate is checked.

    Raises:
        ConfigError: `base_url` is no URL that can be asked.
    """

    def __init__(
        self,
        source: str,
        base_url: str,
        *,
        clock: Clock,
        deadline_seconds: float = 3.0,
        byte_cap: int = 16 * MIB,
        headers: Mapping[str, str] | None = None,
        explain: Explain | None = None,
        max_connections: int = 10,
        transport: httpx.AsyncBaseTransport | None = None,
        resolver: Resolver | None = None,
        verify: bool = True,
    ) -> None:
        self._source = source
        self._base = _checked(source, base_url)
        self._clock = clock
        self._deadline = deadline_seconds
        self._byte_cap = byte_cap
        self._headers = dict(headers or {})
        self._explain = explain
        self._max_connections = max_connections
        self._transport = transport
        self._resolver = resolver or Resolver(clock)
        self._verify = verify
        self._client: httpx.AsyncClient | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._skew: float | None = None
        self._meter = Meter(clock)

    @property
    def source(self) -> str:
        """The source's name."""
        return self._source

    @property
    def host(self) -> str:
        """The host that is asked, with its port where one is given."""
        return self._base.netloc.decode("ascii")

    @property
    def clock_skew_seconds(self) -> float | None:
        """Seconds that our clock is ahead of the upstream's, by its last `Date`; None when it never sent one."""
        return self._skew

    @property
    def traffic(self) -> Traffic:
        """What was measured of the calls so far."""
        return self._meter.traffic(self._skew)

    def url_path(self, path: str) -> str:
        """Return the path that is really asked for `path`, from the root, without a query."""
        return self._url(path).raw_path.decode("ascii")

    async def get(
        self, path: str, params: Sequence[tuple[str, str]] = (), headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Ask for `path`, once, and return the answer: 2xx or 304.

        Raises:
            SourceUnreachable: No answer, or not all of it within the deadline.
            SourceBroken: 5xx.
            SourceBusy: 429.
            SourceRefused: 401 or 403.
            SourceRejected: Another 4xx, or a redirect.
            SourceGarbled: Not HTTP, compressed, or longer than we take.
        """
        began = self._clock.monotonic()
        failure: SourceError | None = None
        try:
            answer = await self._get(path, params, headers, began)
        except SourceError as error:
            failure = error
            raise
        else:
            UPSTREAM_SUCCESS.set(answer.received_at.timestamp(), self._source)
        finally:
            took, well = self._clock.monotonic() - began, sys.exception() is None
            self._meter.count(took, well=well)
            if well or failure:  # what we broke off ourselves says nothing of the source
                UPSTREAM.labels(self._source).observe(took)
                UPSTREAM_REQUESTS.labels(self._source, result_of(failure)).inc()
        return answer

    async def _get(
        self, path: str, params: Sequence[tuple[str, str]], headers: Mapping[str, str] | None, began: float
    ) -> Answer:
        what = f"{self.host}{self.url_path(path)}"
        url = self._url(path)
        try:
            async with (
                asyncio.timeout(self._deadline),
                self._open().stream("GET", url, params=list(params) or None, headers=dict(headers or {})) as response,
            ):
                self._measure_skew(response, self._clock.monotonic() - began)
                self._check_head(what, response)
                if not (response.is_success or response.status_code == httpx.codes.NOT_MODIFIED):
                    await self._refuse(what, response, headers or {})
                body = await self._body(what, response)
        except SourceError:
            raise
        except TimeoutError as error:
            text = f"{what}: no complete answer within {self._deadline:g} s"
            raise SourceUnreachable(self._source, text) from error
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, ValueError) as error:
            raise of_transport(self._source, what, error) from error
        return Answer(
            source=self._source,
            what=what,
            status=response.status_code,
            headers=response.headers,
            body=body,
            took_seconds=self._clock.monotonic() - began,
            received_at=self._clock.now(),
        )

    async def close(self) -> None:
        """Let go of the connections. A later request opens new ones."""
        client, self._client = self._client, None
        if client is not None and self._loop is asyncio.get_running_loop():
            await client.aclose()

    def _url(self, path: str) -> httpx.URL:
        return self._base.copy_with(raw_path=(self._base.raw_path.rstrip(b"/") + path.encode("ascii")) or b"/")

    def _open(self) -> httpx.AsyncClient:
        """Return the client of the running loop; connections belong to the loop that made them."""
        loop = asyncio.get_running_loop()
        if self._client is None or self._loop is not loop:
            self._loop = loop
            # Longer than the longest tick, so that a tick does not begin with handshakes.
            limits = httpx.Limits(
                max_connections=self._max_connections,
                max_keepalive_connections=self._max_connections,
                keepalive_expiry=75.0,
            )
            checks = context(self._base.scheme, verify=self._verify)
            direct = _is_loopback(self._base.host) or not by_proxy(self._base.scheme, self._base.host)
            self._client = httpx.AsyncClient(
                transport=self._transport or (Network(self._resolver, checks, limits) if direct else None),
                verify=checks,
                # A proxy from the environment must not come between us and a server on this machine.
                trust_env=not _is_loopback(self._base.host),
                timeout=httpx.Timeout(self._deadline + 1),
                limits=limits,
                cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
                headers={
                    "User-Agent": f"NorthStar-PnL/{__version__} (self-hosted)",
                    "Accept": "application/json",
                    **self._headers,
                    "Accept-Encoding": "identity",
                },
            )
        return self._client

    def _measure_skew(self, response: httpx.Response, took_seconds: float) -> None:
        theirs = http_date(response.headers.get("Date"))
        if theirs is not None:
            # A Date has whole seconds, cut: on the average the instant lies half a second after it,
            # and half of the exchange before now.
            self._skew = (self._clock.now() - theirs).total_seconds() - took_seconds / 2 - 0.5

    def _check_head(self, what: str, response: httpx.Response) -> None:
        raw = response.headers.raw
        if len(raw) > _HEADERS or sum(len(name) + len(value) for name, value in raw) > _HEADER_BYTES:
            raise SourceGarbled(self._source, f"{what}: {len(raw)} headers are more than we take")
        coding = response.headers.get("Content-Encoding", "identity").strip().lower()
        if coding not in {"", "identity"}:
            text = f"{what}: the body is compressed ({coding[:40]}) although we asked for it plain"
            raise SourceGarbled(self._source, text)

    async def _body(self, what: str, response: httpx.Response) -> bytes:
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > self._byte_cap:
                text = f"{what}: the body is longer than the {self._byte_cap:,} bytes that we take"
                raise SourceGarbled(self._source, text)
        return bytes(body)

    async def _refuse(self, what: str, response: httpx.Response, headers: Mapping[str, str]) -> NoReturn:
        """Raise what an error answer means; a slow or endless error body does not hide its status."""
        body = bytearray()
        try:
            async with asyncio.timeout(self._deadline / 4):
                async for chunk in response.aiter_bytes():
                    body += chunk
                    if len(body) > _ERROR_BYTES:
                        break
        except (TimeoutError, httpx.HTTPError, OSError):
            pass
        said = self._said(bytes(body[:_ERROR_BYTES]), headers)
        wait = retry_after(response.headers.get("Retry-After"), self._clock.now())
        raise of_status(self._source, what, response.status_code, said, wait)

    def _said(self, body: bytes, headers: Mapping[str, str]) -> str | None:
        """Return what the vendor says of the error on one line, without any secret that we sent."""
        if self._explain is None:
            return None
        try:
            said = self._explain(body)
        except Exception:  # noqa: BLE001 - an error body may be anything; its status is what counts
            return None
        if not said:
            return None
        for value in (*self._headers.values(), *headers.values()):
            for word in value.split():
                if len(word) >= 8:
                    said = said.replace(word, "…")
        return " ".join("".join(letter if letter.isprintable() else " " for letter in said).split())[:200]


def _checked(source: str, base_url: str) -> httpx.URL:
    try:
        url = httpx.URL(base_url.strip())
    except (httpx.InvalidURL, ValueError) as error:
        raise ConfigError(f"the base URL of {source} is no URL ({error}): give https://host/path") from None
    if url.scheme not in {"https", "http"} or not url.host:
        raise ConfigError(f"the base URL of {source} is no web address: give https://host/path")
    if url.userinfo or url.query or url.fragment:
        raise ConfigError(f"the base URL of {source} holds a name, a query or a fragment: give https://host/path only")
    return url


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
