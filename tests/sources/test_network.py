"""DNS that fails, hangs or lies, and certificates that are not good, over real sockets of loopback."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from pnl.errors import SourceUnreachable
from pnl.metrics.instruments import UPSTREAM_REQUESTS
from pnl.sources.http import Http
from pnl.sources.resolver import FRESH_SECONDS, Resolver
from tests.fakes import StillClock
from tests.sources.certificates import Authority
from tests.sources.test_http import ok, saying, upstream

HOST = "feed.northstar.test"


class Dns:
    """A DNS that a test spoils."""

    def __init__(self, *addresses: str) -> None:
        self.addresses: Sequence[str] = addresses
        self.asked = 0
        self.fails = False
        self.hangs: threading.Event | None = None

    def __call__(self, host: str) -> Sequence[str]:
        self.asked += 1
        if self.hangs:
            self.hangs.wait(30)
        if self.fails:
            raise socket.gaierror(socket.EAI_NONAME, f"{host} is not known")
        return self.addresses


@pytest.fixture
def dns() -> Iterator[Dns]:
    made = Dns("127.0.0.1")
    yield made
    if made.hangs:
        made.hangs.set()


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    made = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.file))
    return made


def asking(url: str, resolver: Resolver, *, verify: bool = True) -> Http:
    parts = urlsplit(url)
    return Http(
        "feed",
        f"{parts.scheme}://{HOST}:{parts.port}",
        clock=StillClock(),
        resolver=resolver,
        verify=verify,
        deadline_seconds=8,
    )


def ended(result: str) -> float:
    return float(UPSTREAM_REQUESTS.labels("feed", result)._value.get())


async def test_while_dns_fails_the_last_address_is_used(dns: Dns) -> None:
    clock = StillClock()
    resolver = Resolver(clock, dns)
    async with upstream(saying(ok(b"{}"))) as url:
        for fails in (False, True):
            dns.fails = fails
            clock.go(FRESH_SECONDS + 1)
            http = asking(url, resolver)
            assert (await http.get("/x")).json() == {}
            await http.close()

    assert dns.asked == 2


async def test_within_a_minute_dns_is_asked_once_however_many_ask(dns: Dns) -> None:
    clock = StillClock()
    resolver = Resolver(clock, dns)

    found = await asyncio.gather(*(resolver.addresses(HOST) for _ in range(40)))
    again = await resolver.addresses(HOST)

    assert set(found) == {again} == {("127.0.0.1",)}
    assert dns.asked == 1


async def test_dns_that_hangs_costs_its_deadline_and_no_thread_of_others(dns: Dns) -> None:
    clock = StillClock()
    resolver = Resolver(clock, dns, deadline_seconds=0.2)
    await resolver.addresses(HOST)
    clock.go(FRESH_SECONDS + 1)
    dns.hangs = threading.Event()
    threads = threading.active_count()

    began = time.monotonic()
    found = await asyncio.gather(*(resolver.addresses(HOST) for _ in range(40)))
    free = await asyncio.to_thread(lambda: "free")

    assert set(found) == {("127.0.0.1",)}
    assert free == "free"
    assert threading.active_count() <= threads + 2  # the one look-up, and the one of `to_thread`
    assert time.monotonic() - began < 5
    with pytest.raises(socket.gaierror, match="no answer in time"):
        await resolver.addresses("never-seen.northstar.test")


async def test_a_host_that_was_never_found_is_told_as_such(dns: Dns) -> None:
    dns.fails = True
    before = ended("dns")

    with pytest.raises(SourceUnreachable, match="host name is not found"):
        await asking("http://x:80", Resolver(StillClock(), dns)).get("/x")

    assert ended("dns") == before + 1


async def test_an_address_of_the_link_is_never_dialled(dns: Dns) -> None:
    for address in ("169.254.169.254", "fe80::1", "::ffff:169.254.169.254", "224.0.0.1"):
        dns.addresses = [address]
        http = asking("http://x:80", Resolver(StillClock(), dns))
        with pytest.raises(SourceUnreachable):
            await http.get("/latest/meta-data")


async def test_the_next_address_is_tried_when_one_does_not_answer(dns: Dns) -> None:
    dns.addresses = ["127.0.0.9", "127.0.0.1"]
    async with upstream(saying(ok(b"{}"))) as url:
        http = asking(url, Resolver(StillClock(), dns))
        assert (await http.get("/x")).status == 200
        await http.close()


async def test_the_certificate_is_held_against_the_name_also_at_a_remembered_address(
    dns: Dns, authority: Authority
) -> None:
    clock = StillClock()
    resolver = Resolver(clock, dns)
    async with upstream(saying(ok(b"{}")), authority.server(HOST)) as url:
        http = asking(url, resolver)
        assert (await http.get("/x")).status == 200
        await http.close()
    dns.fails = True
    clock.go(FRESH_SECONDS + 1)

    async with upstream(saying(ok(b"{}")), authority.server("another.northstar.test", "127.0.0.1")) as url:
        with pytest.raises(SourceUnreachable, match=r"certificate is not good.*ostname"):
            await asking(url, resolver).get("/x")


async def test_a_certificate_that_is_over_is_refused(dns: Dns, authority: Authority) -> None:
    before = ended("tls")
    async with upstream(saying(ok(b"{}")), authority.server(HOST, days=-1)) as url:
        with pytest.raises(SourceUnreachable, match="certificate has expired"):
            await asking(url, Resolver(StillClock(), dns)).get("/x")

    assert ended("tls") == before + 1


async def test_a_host_whose_certificate_is_not_to_be_checked_is_asked(dns: Dns, authority: Authority) -> None:
    async with upstream(saying(ok(b"{}")), authority.server("another.test", days=-1)) as url:
        http = asking(url, Resolver(StillClock(), dns), verify=False)
        assert (await http.get("/x")).status == 200
        await http.close()
