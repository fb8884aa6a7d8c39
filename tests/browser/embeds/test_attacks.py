"""Panels under attack: by other frames, by texts, and by what is asked of them."""

from dataclasses import replace

import pytest
from playwright.sync_api import expect

from tests.browser.embeds.world import World, heard
from tests.domain.strategies import entry


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
