"""Panels in pages of other sites: cookies blocked, sandboxed, refused, renewed, revoked, and under attack."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it carries no types
from playwright.sync_api import Browser, BrowserContext, Frame, Page, Route, expect, sync_playwright

from pnl.access.grants import PANELS
from pnl.domain.money import CENT, share
from pnl.domain.records import RevenueKind
from pnl.panels.amounts import dollars
from tests.access.embedding import signed
from tests.browser.archive import Archive, serving
from tests.browser.chromium import ARGUMENTS, CHROMIUM
from tests.browser.framing import LISTEN, Site, page
from tests.browser.gate import Gate
from tests.browser.watching import TIMING
from tests.domain.strategies import entry

HOST_KEY = b"h" * 32
LARGEST_FIRST_LOAD = 450 * 1000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser that gives third parties no cookies."""
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*ARGUMENTS, "--test-third-party-cookie-phaseout"]
        )
        yield made
        made.close()


@dataclass(kw_only=True)  # without slots: Playwright keeps its wrapper of a handler on the handler's owner
class World:
    """A company whose panels one site may frame, and another may not."""

    house: Archive
    wiki: Site
    stranger: Site
    context: BrowserContext
    complaints: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def token(self, *panels: str, **locked: str) -> str:
        return self.house.embeds.make(panels, locked, [self.wiki.origin], 30, "ann")[1]

    def address(self, panel: str, query: str = "", base: str = "") -> str:
        return f"{base or self.house.url}/embed/{panel}?token={self.token(panel)}{query}"

    def page(self) -> Page:
        made = self.context.new_page()
        made.clock.install(time=self.house.now)
        made.on(
            "console", lambda told: self.complaints.append(told.text) if told.type in {"error", "warning"} else None
        )
        made.on("pageerror", lambda error: self.complaints.append(str(error)))
        ours = (self.house.url, self.wiki.origin, self.stranger.origin, "data:", "ws://127.0.0.1")
        made.on("request", lambda asked: None if asked.url.startswith(ours) else self.foreign.append(asked.url))
        return made

    def framed(self, address: str, **how: Any) -> tuple[Page, Frame]:  # noqa: ANN401 - passed on
        """Open the wiki's page that frames an address; return it and the frame, once it is drawn."""
        made = self.page()
        made.goto(self.wiki.frames(address, **how))
        return made, drawn(made)

    def tick(self, *facts: Any, seconds: float = 10) -> int:  # noqa: ANN401 - facts of any kind
        self.house.company.tick(self.house.company.shown[-1].snapshot.as_of + timedelta(seconds=seconds), *facts)
        return self.house.company.seq


def inside(made: Page) -> Frame:
    found = made.query_selector("iframe")
    assert found
    frame = found.content_frame()
    assert frame
    return frame


def drawn(made: Page) -> Frame:
    made.wait_for_function("heard.some(({ type }) => type === 'northstar:ready')")
    frame = inside(made)
    frame.wait_for_selector("#embed[data-seq]")
    return frame


def heard(made: Page, kind: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = made.evaluate(
        "kind => heard.filter(({ type }) => type === `northstar:${kind}`)", kind
    )
    return found


@pytest.fixture
def world(browser: Browser, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    with Site() as wiki, Site() as stranger:
        context = browser.new_context(viewport={"width": 900, "height": 700}, color_scheme="dark")
        context.set_default_timeout(20_000)
        with serving(
            tmp_path,
            lambda _theme, _width: context,
            parents=[wiki.origin],
            host_keys={"first": HOST_KEY},
            demo=getattr(request, "param", False),
        ) as house:
            yield World(house=house, wiki=wiki, stranger=stranger, context=context)
            context.close()


@pytest.mark.parametrize("sandbox", ["allow-scripts", "allow-scripts allow-popups", None])
def test_a_panel_lives_in_a_page_of_another_site_without_a_cookie(world: World, sandbox: str | None) -> None:
    made, frame = world.framed(world.address("net"), sandbox=sandbox)

    expect(frame.locator("#embed-figure")).to_have_text("−$28.17")
    expect(frame.locator("#embed-state")).to_contain_text("Live")
    assert "token" not in frame.url
    assert "token" not in frame.evaluate("location.href")
    seq = world.tick(entry("sale", "100.00", world.house.company.calendar.day(world.house.now), name="s1"))
    frame.wait_for_selector(f"#embed[data-seq='{seq}']")

    expect(frame.locator("#embed-figure")).to_have_text("+$71.83")
    state = heard(made, "state")[-1]
    assert (state["transport"], state["stale"]) == ("websocket", False)
    assert state["origin"] == ("null" if sandbox else world.house.url)
    assert heard(made, "size")[-1]["height"] > 80
    assert world.context.cookies() == []
    assert world.foreign == []
    assert world.complaints == []


def test_a_site_that_is_not_allowed_shows_no_panel(world: World) -> None:
    made = world.page()
    address = world.address("net")
    with made.expect_event("requestfailed", lambda asked: "/embed/net" in asked.url) as failed:
        made.goto(world.stranger.frames(address))

    assert "BLOCKED_BY_RESPONSE" in str(failed.value.failure)
    assert made.evaluate("heard") == []
    assert inside(made).query_selector("#embed") is None


def test_a_link_shows_only_at_the_sites_that_it_names(world: World) -> None:
    token = world.house.embeds.make(["net"], {}, ["https://elsewhere.example"], 30, "ann")[1]
    made = world.page()
    with made.expect_event("requestfailed", lambda asked: "/embed/net" in asked.url) as failed:
        made.goto(world.wiki.frames(f"{world.house.url}/embed/net?token={token}"))

    assert "BLOCKED_BY_RESPONSE" in str(failed.value.failure)


def test_the_frame_grows_and_shrinks_with_the_panel(world: World) -> None:
    world.wiki.pages["/"] = page(
        f'{LISTEN}<script src="{world.house.url}/embed.js"></script><div id="place" style="width:800px"></div><script>'
        f"northstarEmbed(place, {{ panel: 'waterfall', token: '{world.token('waterfall')}' }});</script>"
    )
    made = world.page()
    made.goto(world.wiki.origin)
    frame = drawn(made)

    def settled(width: int) -> int:
        made.evaluate("width => { place.style.width = `${width}px`; }", width)
        frame.wait_for_function("width => Math.abs(innerWidth - width) < 2", arg=width)
        made.wait_for_function(
            "() => heard.findLast(({ type }) => type === 'northstar:size')?.height === place.firstChild.clientHeight"
        )
        needed = frame.evaluate("document.getElementById('embed').getBoundingClientRect().height")
        made.wait_for_function("high => Math.abs(place.firstChild.clientHeight - high) < 2", arg=needed)
        return int(needed)

    wide, narrow, again = settled(800), settled(330), settled(800)

    assert narrow < wide == again
    assert frame.evaluate("document.documentElement.scrollHeight <= innerHeight + 1")
    assert world.complaints == []


def test_the_page_around_it_renews_the_token_of_its_own_backend(world: World) -> None:
    clock = world.house.company.clock
    asked: list[str] = []

    def token() -> str:
        asked.append(signed(clock.now(), HOST_KEY, origins=[world.wiki.origin]))
        return asked[-1]

    world.wiki.pages["/token"] = token
    world.wiki.pages["/"] = page(
        f'{LISTEN}<script src="{world.house.url}/embed.js"></script><div id="place"></div><script>'
        "const renew = () => fetch('/token').then((answer) => answer.text());"
        "northstarEmbed(place, { panel: 'net', renew });</script>"
    )
    made = world.page()
    made.goto(world.wiki.origin)
    frame = drawn(made)
    world.house.doorkeeper.start()
    try:
        assert len(asked) == 1

        clock.at += timedelta(minutes=12)
        made.wait_for_function("heard.some(({ type }) => type === 'northstar:expired')")
        seq = world.tick(seconds=720)
        frame.wait_for_selector(f"#embed[data-seq='{seq}']")
    finally:
        world.house.doorkeeper.stop()

    expect(frame.locator("#embed-state")).to_contain_text("Live")
    assert len(asked) >= 2
    assert "token" not in frame.evaluate("location.href")


def test_an_expired_token_is_told_calmly_and_a_newer_one_goes_on(world: World) -> None:
    old = signed(world.house.company.clock.now() - timedelta(hours=1), HOST_KEY, origins=[world.wiki.origin])
    made = world.page()
    made.goto(world.wiki.frames(f"{world.house.url}/embed/net?token={old}&theme=light"))
    made.wait_for_function("heard.some(({ type }) => type === 'northstar:expired')")

    expect(inside(made).locator("#embed-title")).to_have_text("This panel has expired")
    assert "has expired" in heard(made, "expired")[0]["reason"]
    made.evaluate(
        "token => panel.contentWindow.postMessage({ type: 'northstar:token', token }, '*')", world.token("net")
    )
    frame = drawn(made)

    expect(frame.locator("#embed-figure")).to_have_text("−$28.17")
    assert frame.get_attribute("html", "data-theme") == "light"


def ended(world: World, made: Page) -> None:
    """Revoke every link, and wait until an open panel has heard of it."""
    world.house.doorkeeper.start()
    try:
        world.house.embeds.end_all()
        made.wait_for_function("heard.some(({ type }) => type === 'northstar:expired')")
    finally:
        world.house.doorkeeper.stop()


def renewed(made: Page, token: str) -> None:
    made.evaluate("token => panel.contentWindow.postMessage({ type: 'northstar:token', token }, '*')", token)


@pytest.mark.parametrize("panel", PANELS)
def test_a_revoked_link_says_why_in_the_place_of_the_figures_of_what_is_open(world: World, panel: str) -> None:
    made, frame = world.framed(world.address(panel))
    seq = int(frame.get_attribute("#embed", "data-seq") or 0)
    ended(world, made)
    newest = world.tick()

    words = re.compile(r"^\s*This panel cannot be shown\s*This link was revoked\.\s*$")
    expect(frame.locator("#embed")).to_have_text(words)
    assert frame.get_attribute("#embed", "data-seq") == str(seq)
    assert heard(made, "state")[-1]["stale"] is True
    again = world.page()
    again.goto(world.wiki.frames(f"{world.house.url}/embed/{panel}?token=nsl_x"))
    calm = inside(again).locator("#embed.embed-refused")
    assert calm.bounding_box() == frame.locator("#embed.embed-refused").bounding_box()

    renewed(made, world.token(panel))
    frame.wait_for_selector(f"#embed[data-seq='{newest}']:not(.embed-refused) .embed-foot")
    expect(frame.locator("#embed-state")).to_contain_text("Live")
    if panel in ("equity", "drawdown"):
        expect(frame.locator(".curve-chart .main-svg").first).to_be_visible()
    assert not [text for text in world.complaints if "401" not in text]


def test_a_newer_token_that_opens_nothing_brings_no_figures_back(world: World) -> None:
    made, frame = world.framed(world.address("net"))
    ended(world, made)
    with made.expect_response(lambda answer: "/embed/ticket" in answer.url) as refused:
        renewed(made, "nsl_junk")
    made.wait_for_function("heard.filter(({ type }) => type === 'northstar:expired').length === 2")

    assert refused.value.status == 401
    expect(frame.locator("#embed.embed-refused #embed-title")).to_have_text("This panel cannot be shown")
    assert "$" not in frame.inner_text("#embed")


def test_a_panel_that_expires_while_it_is_open_says_so_as_one_that_had_expired_before(world: World) -> None:
    clock = world.house.company.clock
    token = signed(clock.now(), HOST_KEY, panels=["kpis"], origins=[world.wiki.origin])
    made, frame = world.framed(f"{world.house.url}/embed/kpis?token={token}")
    world.house.doorkeeper.start()
    try:
        clock.at += timedelta(minutes=12)
        made.wait_for_function("heard.some(({ type }) => type === 'northstar:expired')")
    finally:
        world.house.doorkeeper.stop()

    expect(frame.locator("#embed-title")).to_have_text("This panel has expired")
    expect(frame.locator("#embed-reason")).to_have_text(heard(made, "expired")[0]["reason"])
    assert "$" not in frame.inner_text("#embed")


def test_days_that_are_over_are_hidden_when_their_link_ends_and_come_back_with_a_newer_one(world: World) -> None:
    locked = {"from": "now-1d", "to": "now-1d"}
    made = world.page()
    made.goto(world.wiki.frames(f"{world.house.url}/embed/equity?token={world.token('equity', **locked)}"))
    made.wait_for_function("heard.some(({ type }) => type === 'northstar:ready')")
    frame = inside(made)
    figure = frame.inner_text("#embed-figure")
    world.house.embeds.end_all()
    frame.evaluate("() => northstar.embed.fetch(`${northstar.embed.base}equity/days`)")
    expect(frame.locator("#embed-reason")).to_have_text("This link was revoked.")
    assert "$" not in frame.inner_text("#embed")

    renewed(made, world.token("equity", **locked))

    expect(frame.locator("#embed-figure")).to_have_text(figure)
    expect(frame.locator(".curve-chart svg").first).to_be_visible()


def helped(world: World, panel: str) -> Page:
    """Open a page that frames a panel by the helper, and so follows its height."""
    world.wiki.pages["/"] = page(
        f'{LISTEN}<script src="{world.house.url}/embed.js"></script><div id="place" style="width:700px"></div><script>'
        f"northstarEmbed(place, {{ panel: '{panel}', token: '{world.token(panel)}' }});</script>"
    )
    made = world.page()
    made.goto(world.wiki.origin)
    return made


@pytest.mark.parametrize("panel", ["kpis", "positions"])
def test_a_panel_that_is_revoked_keeps_its_height(world: World, panel: str) -> None:
    made = helped(world, panel)
    frame = drawn(made)
    made.wait_for_function("heard.some(({ type }) => type === 'northstar:size')")
    needed = frame.evaluate("document.getElementById('embed').getBoundingClientRect().height")
    ended(world, made)
    frame.wait_for_selector("#embed.embed-refused")

    assert frame.evaluate("document.getElementById('embed').getBoundingClientRect().height") == needed


def test_a_panel_tells_no_height_before_there_is_something_to_see(world: World) -> None:
    made = helped(world, "waterfall")
    frame = drawn(made)
    made.wait_for_function("heard.some(({ type }) => type === 'northstar:size')")

    assert heard(made, "size")[0]["height"] > frame.evaluate("document.querySelector('.waterfall').clientHeight")


def test_what_takes_the_place_of_a_panel_is_as_high_as_the_panel_was(world: World) -> None:
    made = helped(world, "waterfall")
    drawn(made)
    made.wait_for_function("heard.some(({ type, height }) => type === 'northstar:size' && height > 200)")
    high = made.evaluate("place.firstChild.clientHeight")
    world.house.embeds.end_all()
    made.evaluate("place.firstChild.src = place.firstChild.src")
    made.wait_for_function("heard.some(({ type }) => type === 'northstar:expired')")
    made.wait_for_function("heard.findLast(({ type }) => type === 'northstar:size')")

    assert "revoked" in heard(made, "expired")[0]["reason"]
    assert made.evaluate("place.firstChild.clientHeight") == high


def spent(world: World) -> str:
    """Return what all days cost, as a panel prints it."""
    days = world.house.company.history.days(None, None, None)
    lines = ("api_cost", "trading_fees", "operating_cost")
    return dollars(share(-sum((day.lines[line] or 0) for day in days for line in lines), 1, 1, CENT) // CENT)


def test_the_page_around_it_sets_theme_and_range(world: World) -> None:
    made, frame = world.framed(world.address("costs"))
    made.evaluate("panel.contentWindow.postMessage({ type: 'northstar:set', theme: 'light', range: '7d' }, '*')")

    expect(frame.locator("html")).to_have_attribute("data-theme", "light")
    expect(frame.locator("#embed-title")).to_have_text("Costs last 7 days")
    expect(frame.locator("#embed-figure")).to_contain_text(spent(world))


def test_what_a_link_has_settled_nobody_changes(world: World) -> None:
    token = world.token("costs", range="1d", theme="dark")
    made, frame = world.framed(f"{world.house.url}/embed/costs?token={token}&range=ytd&theme=light")
    made.evaluate("panel.contentWindow.postMessage({ type: 'northstar:set', theme: 'light', range: '7d' }, '*')")
    seq = world.tick()
    frame.wait_for_selector(f"#embed[data-seq='{seq}']")

    expect(frame.locator("html")).to_have_attribute("data-theme", "dark")
    expect(frame.locator("#embed-title")).to_have_text("Costs today")
    assert "settled by the link" in str(frame.get_attribute(".embed-foot", "title"))


def test_only_the_page_around_it_is_heard(world: World) -> None:
    made, frame = world.framed(world.address("net"), sandbox="allow-scripts allow-same-origin")
    frame.evaluate("postMessage({ type: 'northstar:set', theme: 'light' }, '*')")
    other = made.evaluate_handle(
        """() => { const other = document.createElement('iframe'); other.srcdoc = `<script>
        parent.frames[0].postMessage({ type: 'northstar:set', theme: 'light' }, '*');
        parent.frames[0].postMessage({ type: 'northstar:token', token: 'x' }, '*');</script>`;
        const done = new Promise((resolve) => other.addEventListener('load', resolve));
        document.body.append(other);
        return done; }"""
    )
    other.dispose()
    for junk in (
        "null",
        "7",
        "'northstar:set'",
        "{ type: 7 }",
        "{ type: 'northstar:__proto__' }",
        "{ type: 'northstar:set', theme: '<b>' }",
    ):
        made.evaluate(f"panel.contentWindow.postMessage({junk}, '*')")
    seq = world.tick()
    frame.wait_for_selector(f"#embed[data-seq='{seq}']")

    expect(frame.locator("html")).to_have_attribute("data-theme", "dark")
    assert world.complaints == []


HOSTILE = "<img src=x onerror=\"top.postMessage({type:'northstar:owned'},'*')\">%{y}</script><b>=1+1"


def test_hostile_texts_are_shown_as_texts(world: World) -> None:
    day = world.house.company.calendar.day(world.house.now)
    world.tick(replace(entry("sale", "5.00", day, name="h1"), description=HOSTILE))
    made, frame = world.framed(world.address("activity"))
    frame.wait_for_selector(".event")

    expect(frame.locator(".event-title", has_text="onerror")).to_have_count(1)
    assert frame.locator(".event img, .event b").count() == 0
    assert heard(made, "owned") == []
    assert world.foreign == []


@pytest.mark.parametrize(
    "query",
    [
        "&range=%3Cscript%3Ealert(1)%3C/script%3E&theme=javascript:alert(1)&bg=url(//evil.example)&h=-1&title=%00",
        "&parents=https://evil.example&panel=kpis&locked=&reads=activity&fields=net",
        "&token=nsl_second&__proto__[x]=1",
    ],
)
def test_hostile_parameters_change_nothing(world: World, query: str) -> None:
    made, frame = world.framed(world.address("costs", query))

    expect(frame.locator("#embed-title")).to_have_text("Costs today")
    assert frame.evaluate("northstar.embed.meta('parents')") == world.wiki.origin
    assert world.foreign == []
    assert made.evaluate("heard.every(({ origin }) => origin === 'null')")


@pytest.mark.parametrize(("theme", "width", "height"), [("dark", 640, 320), ("light", 320, 180)])
def test_axe_finds_nothing_in_any_panel(world: World, theme: str, width: int, height: int) -> None:
    made = world.page()
    made.set_viewport_size({"width": width, "height": height})
    for panel in PANELS:
        made.goto(world.address(panel, f"&theme={theme}"))
        made.wait_for_selector("#embed[data-seq]")
        if panel in ("equity", "drawdown"):
            made.wait_for_selector(".curve-chart .main-svg")
        if panel == "activity":
            made.wait_for_selector(".event")
        if panel == "calendar":
            made.wait_for_selector(".heat-grid")
        found = Axe().run(made)
        assert found.violations_count == 0, (panel, found.generate_report())
        assert made.evaluate("document.documentElement.scrollWidth <= innerWidth"), panel
    assert world.complaints == []


@pytest.mark.parametrize("way", ["", "&refresh=30"])
def test_the_line_below_a_narrow_panel_says_all_of_when_it_was_updated(world: World, way: str) -> None:
    made = world.page()
    made.set_viewport_size({"width": 320, "height": 180})
    made.goto(world.address("kpis", f"&tz=Europe/Berlin{way}"))
    made.wait_for_selector("#embed[data-seq]")
    said = made.locator("#embed-state")
    expect(said).to_have_text(re.compile(r" \d\d:\d\d:\d\d CET$"))

    cut = "node => node.scrollWidth > node.clientWidth || node.scrollHeight > node.clientHeight"
    assert not said.evaluate(cut)
    said.evaluate("node => node.firstChild.data = 'Not live: last good figures of 05:46:55 GMT+5:45, retry in 30 s'")
    assert not said.evaluate(cut)
    assert made.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_axe_finds_nothing_in_the_pages_that_say_why_and_check(world: World, theme: Any) -> None:  # noqa: ANN401
    made = world.page()
    made.emulate_media(color_scheme=theme)
    for path in ("/embed/net?token=nsl_x", "/embed/check"):
        made.goto(world.house.url + path)
        made.wait_for_selector("#embed h1")
        found = Axe().run(made)
        assert found.violations_count == 0, (path, found.generate_report())


CUT = """() => [...document.querySelectorAll("#embed *")].filter(node => {
  const { overflowX, display } = getComputedStyle(node);
  return overflowX === "hidden" && display !== "inline" && node.clientWidth > 1 && node.scrollWidth > node.clientWidth
    && node.textContent.trim() && !node.matches(".event-title, .event-meta");
}).map(node => node.textContent)"""


@pytest.mark.parametrize("world", [True], indirect=True)
def test_every_panel_fits_the_size_that_its_code_names(world: World) -> None:
    """With every line that a statement may have, and the mark of figures that are invented."""
    kinds: tuple[RevenueKind, ...] = ("sale", "refund", "fee", "adjustment", "operating_cost")
    day = world.house.company.calendar.day(world.house.now)
    world.tick(*(entry(kind, "84.25", day, name=f"{kind}-1") for kind in kinds))
    made = world.page()
    made.set_viewport_size({"width": 900, "height": 700})
    made.add_init_script("globalThis.northstar ??= {};")
    for panel in PANELS:
        made.goto("about:blank")
        made.add_script_tag(path="assets/share/words.js")
        code = made.evaluate(
            "what => northstar.share.snippet(what)", {"url": world.address(panel), "panel": panel, "title": panel}
        )
        world.wiki.pages["/"] = page(LISTEN + code.replace(' loading="lazy"', ""))
        made.goto(world.wiki.origin)
        frame = drawn(made)
        frame.locator("#embed-state").filter(has_text="updated").wait_for()
        if panel == "calendar":
            frame.wait_for_selector(".heat-grid")

        chip = frame.locator(".embed-demo").bounding_box()
        place = made.locator("iframe").bounding_box()
        assert chip is not None
        assert place is not None
        assert chip["y"] + chip["height"] <= place["y"] + place["height"], panel
        assert frame.evaluate(CUT) == [], panel
        if panel != "positions":
            assert frame.evaluate("document.documentElement.scrollHeight - innerHeight") <= 0, panel


@pytest.mark.parametrize("panel", PANELS)
def test_the_first_load_is_small(world: World, panel: str) -> None:
    made = world.page()
    session = world.context.new_cdp_session(made)
    bodies: dict[str, float] = {}

    def received(told: dict[str, Any]) -> None:
        if told["type"] in {"Document", "Stylesheet", "Script", "Font"}:
            bodies[told["requestId"]] = -told["response"]["encodedDataLength"]

    def finished(told: dict[str, Any]) -> None:
        if told["requestId"] in bodies:
            bodies[told["requestId"]] += told["encodedDataLength"]

    session.on("Network.responseReceived", received)
    session.on("Network.loadingFinished", finished)
    session.send("Network.enable")

    made.goto(world.address(panel))
    made.wait_for_selector("#embed[data-seq]")
    if panel in ("equity", "drawdown"):
        made.wait_for_selector(".curve-chart .main-svg")
    made.wait_for_load_state("networkidle")

    assert len(bodies) >= 5
    assert all(body > 0 for body in bodies.values())
    assert sum(bodies.values()) < LARGEST_FIRST_LOAD, f"{panel} loads {sum(bodies.values()):,.0f} bytes"


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


def test_the_check_looks_from_inside_a_frame(world: World) -> None:
    made = world.page()
    made.goto(world.wiki.frames(f"{world.house.url}/embed/check"))
    found = made.frame_locator("#panel").locator("#embed-inside")

    expect(found).to_contain_text(f"It is in a frame of {world.wiki.origin}.")
    expect(found).to_contain_text("That site may frame panels.")
    expect(found).to_contain_text("The frame is sandboxed.")
    expect(found).to_contain_text("No X-Frame-Options on the way.")
    expect(found).to_contain_text(f"In force: frame-ancestors {world.wiki.origin}.")
    assert found.locator(".embed-bad").count() == 0


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


def test_a_wish_that_makes_no_sense_is_told_in_the_frame(world: World) -> None:
    made = world.page()
    made.goto(world.wiki.frames(world.address("net", "&from=soon")))

    expect(inside(made).locator("#embed-reason")).to_have_text(
        "from 'soon' is no company day: write a day such as 2026-11-20, now, or now-30d."
    )
