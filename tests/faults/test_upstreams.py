"""Upstreams that answer wrongly over real HTTP, one, two or all three at once: nothing wrong gets in, and it heals.

What of the catalogue is laid here stands under its number; the others are in `tests/product/test_faults.py`.
"""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from pnl.errors import SourceUnreachable
from pnl.ops.verify import verify
from pnl.sandbox import Altered, Hang, NanBody, Raw, Reset, SlowDrip, Status, Truncated
from pnl.sandbox.faults import Fault, Vendor
from pnl.sources.resolver import Resolver
from tests.fakes import StillClock
from tests.product.house import House, Row
from tests.product.test_faults import busy_hour
from tests.sources.certificates import Authority
from tests.sources.test_http import ok, saying, upstream
from tests.sources.test_network import HOST, Dns, asking

VENDORS: tuple[Vendor, ...] = ("kalshi", "anthropic", "revenue")
PATIENCE_SECONDS = 1.5
SLACK_SECONDS = 4.0
"""What a busy machine may add to the wait for sources."""

NEEDED: dict[Vendor, bytes] = {"kalshi": b'"position_fp"', "anthropic": b'"starting_at"', "revenue": b'"amount"'}
"""A field of each source that no figure can do without."""


@dataclass(frozen=True)
class Drift:
    """A needed field that changed: what stands in its place, with its name for `%s`."""

    now: bytes


FAULTS: dict[str, Fault | Drift] = {
    "46 slow headers": Raw(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 100, seconds_between=0.1),
    "52 Retry-After as a date of 2099": Status(429, "Fri, 20 Nov 2099 12:00:30 GMT"),
    "58 Content-Length too great": Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"),
    "59 JSON of 200,000 levels": Raw(ok(b"[" * 200_000)),
    "60 a number of 10,000 digits": Raw(ok(b'{"balance":' + b"9" * 10_000 + b"}")),
    "61 a redirect to the link": Raw(
        b"HTTP/1.1 302 F\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n"
    ),
    "62 a key that comes twice": Altered(b"{", b'{"twice":1,"twice":1,', 1),
    "63 bytes that are no HTTP": Raw(b"\x00\x01\x02\xff\r\n\r\n"),
    "64 5,000 headers": Raw(ok(b"{}", *(f"X-{number}: 1" for number in range(5_000)))),
    "70 a field that is gone": Drift(b'"renamed":'),
    "70 a field that is null": Drift(b'%s:null,"was":'),
    "70 a list for a text": Drift(b'%s:[],"was":'),
}
TOGETHER: dict[str, Fault | Drift] = FAULTS | {
    "45 hang": Hang(),
    "47 slow body": SlowDrip(),
    "48 reset": Reset(),
    "49 500": Status(500),
    "51 429": Status(429, "2"),
    "53 cut JSON": Truncated(),
    "55 NaN": NanBody(),
}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    more = {"PNL_SOURCE_TIMEOUT_SECONDS": str(PATIENCE_SECONDS), "PNL_ANTHROPIC_MODE": "legacy"}
    house = House(tmp_path, more=more | {"PNL_STALE_REVENUE_SECONDS": "300"})
    yield house
    await house.close()


def drifted(vendor: Vendor, now: bytes) -> Altered:
    """Return the fault by which the needed field of a source changed."""
    field = NEEDED[vendor]
    return Altered(field + b":", now.replace(b"%s", field))


async def spoiled(house: House, vendors: tuple[Vendor, ...], fault: Fault | Drift) -> Row:
    """Lay a fault on some vendors for a while; assert what must hold during it and after, and return what was shown."""
    busy_hour(house)
    good = await house.tick(2)
    assert good["complete"] is True
    for vendor in vendors:
        house.faults.lay(vendor, drifted(vendor, fault.now) if isinstance(fault, Drift) else fault)

    began = time.monotonic()
    shown = await house.tick(1, seconds=61)
    took = time.monotonic() - began

    assert took < PATIENCE_SECONDS + SLACK_SECONDS
    assert (shown["lines"], shown["net"]) == (good["lines"], good["net"])
    for name, source in shown["sources"].items():
        if name in vendors:
            assert source["status"] in ("cached", "stale")
            assert source["error"]
            assert source["as_of"] == good["sources"][name]["as_of"]
        else:
            assert source["status"] == "live"

    house.faults.clear()
    healed = await house.tick(2, seconds=1000)
    assert {source["status"] for source in healed["sources"].values()} == {"live"}
    assert healed["lines"] == good["lines"]
    assert house.unwell() == []
    assert verify(f"sqlite:///{house.folder / 'pnl.db'}", lambda _: None)
    return shown


@pytest.mark.parametrize("number", range(len(FAULTS)), ids=list(FAULTS))
async def test_a_wrong_answer_spoils_only_its_source(house: House, number: int) -> None:
    await spoiled(house, (VENDORS[number % 3],), list(FAULTS.values())[number])


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(TOGETHER)), ids=list(TOGETHER))
async def test_two_that_answer_wrongly_spoil_no_third(house: House, number: int) -> None:
    await spoiled(house, (VENDORS[number % 3], VENDORS[(number + 1) % 3]), list(TOGETHER.values())[number])


@pytest.mark.slow
@pytest.mark.parametrize("name", list(TOGETHER))
async def test_when_all_answer_wrongly_the_last_good_figures_stay(house: House, name: str) -> None:
    await spoiled(house, VENDORS, TOGETHER[name])


@pytest.mark.parametrize("fault", [Reset(), Status(503)], ids=["48 reset", "50 503"])
async def test_a_feed_that_is_back_after_minutes_is_read_within_half_a_minute(house: House, fault: Fault) -> None:
    await house.tick(2)
    house.faults.lay("revenue", fault)
    away = await house.tick(18)
    assert away["sources"]["revenue"]["error"]

    house.faults.clear()

    healed = await house.tick(3)
    assert healed["sources"]["revenue"]["error"] is None
    assert healed["sources"]["revenue"]["status"] == "live"


async def test_a_source_that_says_the_same_for_ten_minutes_is_told_as_old(house: House) -> None:
    busy_hour(house)
    good = await house.tick(2)

    house.faults.stale_as_of_seconds = 600
    shown = await house.tick(1, seconds=70)
    assert shown["sources"]["revenue"]["status"] == "stale"
    assert shown["sources"]["revenue"]["as_of"] < good["sources"]["revenue"]["as_of"]
    assert shown["lines"]["revenue"] == good["lines"]["revenue"]

    house.faults.stale_as_of_seconds = 0
    healed = await house.tick(1, seconds=70)
    assert healed["sources"]["revenue"]["status"] == "live"


async def test_what_a_source_has_wrong_in_the_middle_of_its_pages_changes_nothing(house: House) -> None:
    busy_hour(house)
    good = await house.tick(2)
    house.engine.trade("KXAAA-1", "yes", "10", "0.42")
    house.faults.lay("kalshi", Status(500), path="/portfolio/positions")

    shown = await house.tick(3)
    assert shown["lines"] == good["lines"]
    assert shown["sources"]["kalshi"]["error"]

    house.faults.clear()
    await house.tick(6)
    assert house.unwell() == []
    assert len(house.records("fills")) == 2


async def test_a_certificate_that_signed_itself_is_refused(tmp_path: Path) -> None:
    stranger = Authority(tmp_path)
    async with upstream(saying(ok(b"{}")), stranger.server(HOST)) as url:
        with pytest.raises(SourceUnreachable, match="certificate is not good"):
            await asking(url, Resolver(StillClock(), Dns("127.0.0.1"))).get("/x")
