"""Anthropic's adapter against the sandbox's server, over real sockets, with what may break on the way."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from pnl.domain.apicost import ApiCosts
from pnl.errors import SourceBroken, SourceBusy, SourceError, SourceGarbled, SourceRefused, SourceUnreachable
from pnl.sandbox import Hang, HtmlPage, NanBody, RepeatedCursor, Reset, Sandbox, Status, Truncated
from pnl.sources.anthropic.paging import explain
from pnl.sources.anthropic.source import AnthropicSource
from pnl.sources.http import Http
from tests.sources.anthropic.organisation import MovedClock

NOON = datetime(2026, 11, 20, 12, 0, 3, tzinfo=UTC)


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock(NOON)


@pytest.fixture
def sandbox(clock: MovedClock) -> Iterator[Sandbox]:
    with Sandbox(seed=7, clock=clock, epoch=NOON - timedelta(days=10)) as made:
        yield made


def anthropic(sandbox: Sandbox, clock: MovedClock, key: str | None = None, deadline: float = 20) -> AnthropicSource:
    upstreams = sandbox.upstreams
    http = Http("anthropic", upstreams.anthropic_base_url, clock=clock, explain=explain, deadline_seconds=deadline)
    return AnthropicSource(http, key or upstreams.anthropic_admin_key, clock=clock)


async def test_an_hour_of_minutes_ends_near_what_is_reported(sandbox: Sandbox, clock: MovedClock) -> None:
    source, costs, cursor = anthropic(sandbox, clock), ApiCosts(), None
    for _ in range(60):
        found = await source.read(cursor)
        cursor = found.cursor
        for record in found.records:
            costs.add(record)
        clock.at += timedelta(minutes=1)
    await source.close()

    today = costs.days()[-1]
    assert found.facts["mode"] == "analytics"
    assert today.reported > 0
    assert today.reported <= today.amount <= today.reported * 11 // 10


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Status(529), SourceBroken),
        (Status(429, retry_after="30"), SourceBusy),
        (Status(401), SourceRefused),
        (Hang(), SourceUnreachable),
        (Reset(), SourceUnreachable),
        (Truncated(), SourceGarbled),
        (HtmlPage(), SourceGarbled),
        (NanBody(), SourceGarbled),
        (RepeatedCursor(), SourceGarbled),
    ],
)
async def test_what_breaks_on_the_way_is_sorted_and_passes(
    sandbox: Sandbox, clock: MovedClock, fault: object, error: type[SourceError]
) -> None:
    first = anthropic(sandbox, clock)
    await first.read(None)  # the first question makes the world up, which takes its time
    await first.close()
    source = anthropic(sandbox, clock, deadline=1 if isinstance(fault, Hang) else 20)
    sandbox.faults.lay("anthropic", fault)  # type: ignore[arg-type]  # one of the faults

    with pytest.raises(error):
        await source.read(None)

    sandbox.faults.clear("anthropic")
    assert (await source.read(None)).records
    await source.close()


async def test_a_wrong_key_is_refused(sandbox: Sandbox, clock: MovedClock) -> None:
    source = anthropic(sandbox, clock, key="sk-ant-admin01-of-somebody-else")

    with pytest.raises(SourceRefused):
        await source.read(None)
    await source.close()
