"""Markets that are looked at again by name: which lists are asked, how often, and what of failures."""

import httpx

from pnl.sources.kalshi import KalshiSource
from tests.sources.kalshi.exchange import Exchange, fill_row, settlement_row

Asked = list[tuple[str, str]]


async def asked_by_name(exchange: Exchange, source: KalshiSource, cursor: str | None = None) -> Asked:
    """Read once, and return the lists of fills and settlements that were asked for by ticker."""
    before = len(exchange.queries)
    await source.read(cursor)
    return sorted((path, query["ticker"]) for path, query in exchange.queries[before:] if "ticker" in query)


async def test_fills_are_asked_for_together_and_the_other_lists_one_by_one() -> None:
    exchange = Exchange(historical=[])
    source = exchange.source()
    source.look_again(["KXA-1", "KXB-1"])

    assert await asked_by_name(exchange, source) == [
        ("/historical/fills", "KXA-1"),
        ("/historical/fills", "KXB-1"),
        ("/portfolio/fills", "KXA-1,KXB-1"),
        ("/portfolio/settlements", "KXA-1"),
        ("/portfolio/settlements", "KXB-1"),
    ]
    assert await asked_by_name(exchange, source) == []


async def test_what_is_found_comes_as_records() -> None:
    exchange = Exchange(settlements=[settlement_row("KXS-1")], historical=[fill_row(7, ticker="KXS-1")])
    source = exchange.source()
    first = await source.read(None)
    cursor = (await source.read(first.cursor)).cursor
    source.look_again(["KXS-1"])

    found = await source.read(cursor)

    assert {record.id for record in found.records} >= {"f7", "KXS-1"}
    assert found.facts["looked again"] == "KXS-1"


async def test_a_market_is_looked_at_once_a_minute_at_most() -> None:
    exchange = Exchange()
    source = exchange.source()
    asked = []
    for _ in range(13):
        source.look_again(["KXA-1"])
        asked.append(bool(await asked_by_name(exchange, source)))
        exchange.clock.pass_by(10)

    assert asked == [number % 6 == 0 for number in range(13)]


async def test_twenty_markets_at_once_and_the_others_wait_for_their_turn() -> None:
    exchange = Exchange()
    source = exchange.source()
    source.look_again([f"KX-{number:02}" for number in range(45)])

    found = [await asked_by_name(exchange, source) for _ in range(4)]

    settled = [[ticker for path, ticker in one if path == "/portfolio/settlements"] for one in found]
    assert [len(tickers) for tickers in settled] == [20, 20, 5, 0]
    assert len({ticker for tickers in settled for ticker in tickers}) == 45


async def test_where_several_tickers_are_refused_they_are_asked_for_one_by_one() -> None:
    exchange = Exchange(fills=[fill_row(1, ticker="KXA-1")])
    exchange.twists["/portfolio/fills"] = lambda request: (
        httpx.Response(400, json={"msg": "one ticker"}) if "," in request.url.params.get("ticker", "") else None
    )
    source = exchange.source()
    source.look_again(["KXA-1", "KXB-1"])

    asked = [ticker for path, ticker in await asked_by_name(exchange, source) if path == "/portfolio/fills"]
    assert asked == ["KXA-1", "KXA-1,KXB-1", "KXB-1"]

    source.look_again(["KXC-1", "KXD-1"])
    asked = [ticker for path, ticker in await asked_by_name(exchange, source) if path == "/portfolio/fills"]
    assert asked == ["KXC-1", "KXD-1"]


async def test_a_long_list_goes_on_with_the_next_reading() -> None:
    exchange = Exchange(fills=[fill_row(number) for number in range(50)], page_rows=1)
    source = exchange.source()
    source.look_again(["KXT-1"])

    first = [ticker for path, ticker in await asked_by_name(exchange, source) if path == "/portfolio/fills"]
    second = [ticker for path, ticker in await asked_by_name(exchange, source) if path == "/portfolio/fills"]
    third = [ticker for path, ticker in await asked_by_name(exchange, source) if path == "/portfolio/fills"]

    assert (len(first), len(second), len(third)) == (30, 20, 0)


async def test_a_list_that_breaks_is_told_and_the_reading_stands() -> None:
    exchange = Exchange(historical=[])
    exchange.twists["/historical/fills"] = lambda _: httpx.Response(500)
    source = exchange.source()
    first = await source.read(None)
    source.look_again(["KXA-1", "KXB-1"])

    found = await source.read(first.cursor)

    assert "HTTP 500" in found.facts["look_again"]
    assert found.report is not None
