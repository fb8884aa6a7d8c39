"""What opens a panel ends: told calmly in the place of the figures, and a newer one goes on."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from pnl.access.grants import PANELS
from tests.access.embedding import signed
from tests.browser.embeds.world import HOST_KEY, World, drawn, ended, heard, inside
from tests.browser.framing import LISTEN, page


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
