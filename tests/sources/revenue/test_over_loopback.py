"""The feed and Stripe against the sandbox's servers, over real sockets, with what may break on the way."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest

from pnl.domain.records import RevenueEntry
from pnl.errors import SourceBroken, SourceBusy, SourceError, SourceGarbled, SourceRefused, SourceUnreachable
from pnl.sandbox import Hang, HtmlPage, NanBody, RepeatedCursor, Reset, Sandbox, Status, Truncated
from pnl.sources.http import Http
from pnl.sources.revenue.feed import RevenueFeed
from pnl.sources.revenue.stripe import StripeBalance, explain
from tests.sources.revenue.served import NEW_YORK, NOW, MovedClock


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def sandbox(clock: MovedClock) -> Iterator[Sandbox]:
    with Sandbox(seed=7, clock=clock, epoch=NOW - timedelta(days=10)) as made:
        yield made


def feed(sandbox: Sandbox, clock: MovedClock, deadline: float = 20) -> RevenueFeed:
    http = Http("revenue.feed", sandbox.upstreams.revenue_url, clock=clock, deadline_seconds=deadline)
    return RevenueFeed(http, sandbox.upstreams.revenue_token, clock=clock, time_zone=NEW_YORK)


def stripe(sandbox: Sandbox, clock: MovedClock, deadline: float = 20) -> StripeBalance:
    http = Http(
        "revenue.stripe", sandbox.upstreams.stripe_base_url, clock=clock, explain=explain, deadline_seconds=deadline
    )
    return StripeBalance(http, sandbox.upstreams.stripe_key, clock=clock, time_zone=NEW_YORK)


async def test_the_feed_is_read_and_then_costs_nothing(sandbox: Sandbox, clock: MovedClock) -> None:
    source = feed(sandbox, clock)
    first = await source.read(None)
    second = await source.read(first.cursor)
    third = await source.read(second.cursor)
    await source.close()

    assert first.complete_through is not None
    assert {record.kind for record in first.records} == {"revenue"}
    assert {record.id for record in second.records} < {record.id for record in first.records}
    assert third.records == ()


async def test_stripe_is_read_to_the_end(sandbox: Sandbox, clock: MovedClock) -> None:
    source = stripe(sandbox, clock)
    first = await source.read(None)
    second = await source.read(first.cursor)
    await source.close()

    assert second.caught_up
    entries = [record.fact for record in first.records if isinstance(record.fact, RevenueEntry)]
    assert len(entries) == len({entry.id for entry in entries}) > 100
    assert all(Decimal(entry.fee) <= 0 for entry in entries if entry.kind == "sale")


@pytest.mark.parametrize("vendor", ["revenue", "stripe"])
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Status(503), SourceBroken),
        (Status(429), SourceBusy),
        (Status(401), SourceRefused),
        (Hang(), SourceUnreachable),
        (Reset(), SourceUnreachable),
        (Truncated(), SourceGarbled),
        (HtmlPage(), SourceGarbled),
        (NanBody(), SourceGarbled),
    ],
)
async def test_what_breaks_on_the_way_is_sorted_and_passes(
    sandbox: Sandbox, clock: MovedClock, vendor: str, fault: object, error: type[SourceError]
) -> None:
    make, deadline = feed if vendor == "revenue" else stripe, 1 if isinstance(fault, Hang) else 20
    source: RevenueFeed | StripeBalance = make(sandbox, clock, deadline)
    sandbox.faults.lay(vendor, fault)  # type: ignore[arg-type]  # one of the vendors, one of the faults

    with pytest.raises(error):
        await source.read(None)

    sandbox.faults.clear(vendor)  # type: ignore[arg-type]  # one of the vendors
    assert (await source.read(None)).records
    await source.close()


async def test_a_repeated_cursor_of_the_feed_is_refused(sandbox: Sandbox, clock: MovedClock) -> None:
    source = feed(sandbox, clock)
    sandbox.faults.lay("revenue", RepeatedCursor())

    with pytest.raises(SourceGarbled, match="came twice"):
        await source.read(None)
    await source.close()
