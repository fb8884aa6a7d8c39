"""Panels live in pages of the sites that may frame them, cookies blocked and sandboxed, and in no others."""

import pytest
from playwright.sync_api import expect

from tests.browser.embeds.world import World, heard, inside
from tests.domain.strategies import entry


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
