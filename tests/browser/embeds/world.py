"""A company whose panels one site may frame and another may not, and what their pages are told by the panels."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from playwright.sync_api import BrowserContext, Frame, Page

from tests.browser.archive import Archive
from tests.browser.framing import Site

HOST_KEY = b"h" * 32


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


def ended(world: World, made: Page) -> None:
    """Revoke every link, and wait until an open panel has heard of it."""
    world.house.doorkeeper.start()
    try:
        world.house.embeds.end_all()
        made.wait_for_function("heard.some(({ type }) => type === 'northstar:expired')")
    finally:
        world.house.doorkeeper.stop()
