"""How figures come to a panel: by a socket, by events, by questions, now and then, or not at all."""

import re
from datetime import datetime, timedelta
from email.utils import format_datetime

from playwright.sync_api import Route, expect

from pnl.domain.money import CENT, share
from pnl.panels.amounts import dollars
from tests.browser.embeds.world import World, drawn, inside
from tests.browser.gate import Gate
from tests.browser.watching import TIMING
from tests.domain.strategies import entry


def test_a_panel_falls_back_from_socket_to_events_to_questions_and_then_warns(world: World) -> None:
    port = int(world.house.url.rpartition(":")[2])
    with Gate(port) as gate:
        gate.shut(b"/embed/ws")
        made = world.page()
        made.add_init_script(f"(globalThis.northstar ??= {{}}).timing = {TIMING!r}")
        made.goto(world.wiki.frames(world.address("net", base=f"http://127.0.0.1:{gate.port}")))
        frame = drawn(made)

        def shows(tier: str) -> None:
            frame.wait_for_selector(f"#embed[data-tier='{tier}']")
            seq = world.tick()
            frame.wait_for_selector(f"#embed[data-seq='{seq}']")

        made.clock.resume()
        shows("sse")
        gate.shut(b"/embed/ws", b"/embed/stream")
        shows("polling")
        gate.shut(b"/embed/")
        expect(frame.locator("#embed-state")).to_contain_text("Not live: last good figures of")
        expect(frame.locator("#embed-figure")).to_have_text("−$28.17")
        expect(frame.locator("html")).to_have_attribute("data-troubled", "")
        made.wait_for_function("heard.findLast(({ type }) => type === 'northstar:state').stale")
        gate.open()
        shows("websocket")
        made.wait_for_function("!heard.findLast(({ type }) => type === 'northstar:state').stale")


def test_a_panel_that_may_open_no_socket_is_carried_by_events(world: World) -> None:
    made = world.page()
    made.add_init_script(
        "if (self !== top) WebSocket = class { constructor() { throw new DOMException('blocked', 'SecurityError'); } };"
    )
    made.goto(world.wiki.frames(world.address("net")))
    frame = drawn(made)

    frame.wait_for_selector("#embed[data-tier='sse']")
    seq = world.tick()

    frame.wait_for_selector(f"#embed[data-seq='{seq}']")
    assert world.complaints == []


def test_days_that_are_over_are_shown_without_a_live_connection(world: World) -> None:
    today = world.house.company.calendar.day(world.house.now)
    token = world.token("equity", **{"from": "now-1d", "to": "now-1d"})
    made = world.page()
    sockets: list[str] = []
    asked: list[str] = []
    made.on("websocket", lambda socket: sockets.append(socket.url))
    made.on("request", lambda request: asked.append(request.url))
    made.goto(world.wiki.frames(f"{world.house.url}/embed/equity?token={token}"))
    made.wait_for_function("heard.some(({ type }) => type === 'northstar:ready')")

    frame = inside(made)

    expect(frame.locator("#embed-state")).to_have_text("These days are over")
    expect(frame.locator("#embed-title")).to_contain_text(f"{(today - timedelta(days=1)).day} Nov 2026")
    told = next(day for day in world.house.company.history.days(today - timedelta(days=1), today))
    net = share(sum(amount or 0 for amount in told.known.lines.values()), 1, 1, CENT) // CENT
    expect(frame.locator("#embed-figure")).to_have_text(dollars(net, plus=True))
    expect(frame.locator(".curve-chart svg").first).to_be_visible()
    assert sockets == []
    assert not [url for url in asked if "/data" in url or "/ticket" in url or "/stream" in url]
    assert world.complaints == []


def dated(route: Route, now: datetime) -> None:
    answer = route.fetch()
    route.fulfill(response=answer, headers=answer.headers | {"date": format_datetime(now, usegmt=True)})


def test_a_panel_is_read_every_so_often_in_a_zone_of_its_own_and_compared(world: World) -> None:
    made = world.page()
    # The company's clock stands at another day than this machine's, which dates the answers.
    made.route("**/embed/*/data*", lambda route: dated(route, world.house.now))
    made.goto(world.wiki.frames(world.address("net", "&from=now-0d&refresh=60&tz=Europe/Berlin&compare=none")))
    frame = drawn(made)

    expect(frame.locator("#embed-state")).to_have_text(re.compile(r"Every 60 s · updated \d\d:\d\d:\d\d CET"))
    before = frame.locator("#embed").get_attribute("data-seq")
    seq = world.tick(entry("sale", "100.00", world.house.company.calendar.day(world.house.now), name="s1"))
    made.clock.fast_forward(30_000)
    assert frame.locator("#embed").get_attribute("data-seq") == before
    made.clock.fast_forward(31_000)
    expect(frame.locator("#embed")).to_have_attribute("data-seq", str(seq))
    assert world.complaints == []
