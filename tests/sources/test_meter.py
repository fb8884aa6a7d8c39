"""What is measured of the calls to a source, by hand and of a real server's answers."""

import pytest

from pnl.clock import SystemClock
from pnl.errors import SourceBroken
from pnl.sources.http import Http
from pnl.sources.meter import LAST, Meter
from tests.fakes import StillClock
from tests.sources.test_http import ok, saying, upstream


def test_before_the_first_call_nothing_is_measured() -> None:
    traffic = Meter(StillClock()).traffic(None)

    assert (traffic.calls, traffic.failed) == (0, 0)
    assert (traffic.p50_ms, traffic.p95_ms, traffic.longest_ms, traffic.skew_ms) == (None, None, None, None)


def test_the_times_are_those_of_the_last_calls_and_the_counts_of_all() -> None:
    meter = Meter(StillClock())
    meter.count(9.0, well=False)
    for number in range(LAST):
        meter.count((number + 1) / 1000, well=True)

    traffic = meter.traffic(-1.2345)

    assert (traffic.calls, traffic.failed) == (LAST + 1, 1)
    assert (traffic.p50_ms, traffic.p95_ms, traffic.longest_ms, traffic.skew_ms) == (100, 190, 200, -1234)


async def test_calls_that_fail_are_counted_with_those_that_do_not() -> None:
    async with upstream(saying(ok(b"{}", "Date: Fri, 20 Nov 2026 12:00:00 GMT"))) as url:
        http = Http("s", url, clock=SystemClock())
        await http.get("/things")
        await http.close()
    async with upstream(saying(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")) as url:
        broken = Http("s", url, clock=SystemClock())
        with pytest.raises(SourceBroken):
            await broken.get("/things")
        await broken.close()

    assert (http.traffic.calls, http.traffic.failed) == (1, 0)
    assert http.traffic.longest_ms is not None
    assert http.traffic.skew_ms is not None
    assert (broken.traffic.calls, broken.traffic.failed, broken.traffic.skew_ms) == (1, 1, None)
