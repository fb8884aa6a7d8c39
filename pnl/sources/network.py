"""The way to the network: our own resolver below, and the address that is really dialled is looked at.

The certificate is checked against the host's name, whatever address it was found at.
"""

import ssl
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Any, Final
from urllib.request import getproxies, proxy_bypass

import httpcore
import httpx
from httpcore import AsyncNetworkBackend, AsyncNetworkStream
from httpcore._backends.auto import AutoBackend

from pnl.sources.resolver import Resolver

_KINDS: Final = (
    "ConnectTimeout", "ReadTimeout", "WriteTimeout", "PoolTimeout", "ConnectError", "ReadError", "WriteError",
    "RemoteProtocolError", "LocalProtocolError", "UnsupportedProtocol",
)  # fmt: skip


class Dialler(AsyncNetworkBackend):
    """Connects to the addresses that the resolver finds, one after the other, until one answers."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._plain = AutoBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> AsyncNetworkStream:
        """Return a connection."""
        try:
            addresses = await self._resolver.addresses(host)
        except OSError as error:
            raise httpcore.ConnectError(f"{host} is not found") from error
        failure: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for address in addresses:
            if not _may_be_dialled(address):
                failure = httpcore.ConnectError(f"{host} is at {address}, which is no server of anybody's")
                continue
            try:
                return await self._plain.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore.ConnectError(f"{host} has no address")

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._plain.sleep(seconds)


class Network(httpx.AsyncBaseTransport):
    """A pool of connections over a dialler.

    Args:
        resolver: Finds addresses.
        context: Checks certificates.
        limits: Of the pool.
    """

    def __init__(self, resolver: Resolver, context: ssl.SSLContext, limits: httpx.Limits) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context,
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry,
            network_backend=Dialler(resolver),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, and return its answer."""
        url = request.url
        asked = httpcore.Request(
            method=request.method,
            url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        with _as_httpx():
            answer = await self._pool.handle_async_request(asked)
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Body(answer.stream), extensions=answer.extensions
        )

    async def aclose(self) -> None:
        """Close every connection."""
        await self._pool.aclose()


class _Body(httpx.AsyncByteStream):
    def __init__(self, stream: Any) -> None:  # noqa: ANN401 - the library's stream
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _as_httpx():
            async for piece in self._stream:
                yield piece

    async def aclose(self) -> None:
        await self._stream.aclose()


@contextmanager
def _as_httpx() -> Iterator[None]:
    """Raise the library's errors as those of httpx, of the same name."""
    try:
        yield
    except Exception as error:
        name = next((kind for kind in _KINDS if isinstance(error, getattr(httpcore, kind))), None)
        if name is None:
            raise
        raise getattr(httpx, name)(str(error)) from error


def by_proxy(scheme: str, host: str) -> bool:
    """Tell whether the environment names a proxy for a host, which then finds its address itself."""
    proxies = getproxies()
    return bool(proxies.get(scheme) or proxies.get("all")) and not proxy_bypass(host)


def context(scheme: str, *, verify: bool) -> ssl.SSLContext:
    """Return what checks certificates; without `verify`, it takes any."""
    if scheme != "https":  # to load all authorities takes a while, and nobody asks them here
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made = httpx.create_ssl_context()
    if not verify:
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    return made


def _may_be_dialled(address: str) -> bool:
    """Tell whether an address may be a server's: one of the link is where clouds keep what must not leak."""
    found = ip_address(address.partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None) or found
    return not (mapped.is_link_local or mapped.is_multicast or mapped.is_unspecified)
