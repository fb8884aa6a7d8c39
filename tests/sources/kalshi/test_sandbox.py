"""The sandbox's account, read over real HTTP: our own sums are those that it reports."""

from collections import Counter
from datetime import timedelta

import pytest

from pnl.clock import SystemClock
from pnl.domain.money import CONTRACT
from pnl.domain.records import Fill
from pnl.sandbox import Sandbox
from pnl.sources.http import Http
from pnl.sources.kalshi import KalshiSource, explain, load_key


@pytest.mark.parametrize(("rsa", "live_days"), [(False, 60), (True, 3)], ids=["Ed25519", "RSA, archived"])
async def test_every_reported_position_is_the_sum_of_the_fills(rsa: bool, live_days: int) -> None:
    clock = SystemClock()
    fills: dict[str, Fill] = {}
    with Sandbox(seed=7, clock=clock, epoch=clock.now() - timedelta(days=8), rsa=rsa, live_days=live_days) as sandbox:
        upstreams = sandbox.upstreams
        http = Http("kalshi", upstreams.kalshi_base_url, clock=clock, explain=explain)
        key = load_key(upstreams.kalshi_private_key)
        source = KalshiSource(http, upstreams.kalshi_key_id, key, subaccount=None, clock=clock)
        reading = await source.read(None)
        fills.update((one.id, one.fact) for one in reading.records if isinstance(one.fact, Fill))
        while not reading.caught_up:
            reading = await source.read(reading.cursor)
            fills.update((one.id, one.fact) for one in reading.records if isinstance(one.fact, Fill))
        await source.close()

    held, traded, fees = Counter[str](), Counter[str](), Counter[str]()
    for fill in fills.values():
        held[fill.ticker] += fill.count if fill.side == "yes" else -fill.count
        traded[fill.ticker] += fill.count * fill.price // CONTRACT
        fees[fill.ticker] += fill.fee
    assert reading.report is not None
    assert reading.report.backfilled
    assert reading.report.positions
    for ticker, row in reading.report.positions.items():
        assert (row.position, row.total_traded, row.fees) == (held[ticker], traded[ticker], fees[ticker])
