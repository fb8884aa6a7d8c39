"""A browser that gives third parties no cookies, and a company whose panels are in pages of other sites."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.archive import serving
from tests.browser.chromium import ARGUMENTS, CHROMIUM
from tests.browser.embeds.world import HOST_KEY, World
from tests.browser.framing import Site


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser that gives third parties no cookies."""
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*ARGUMENTS, "--test-third-party-cookie-phaseout"]
        )
        yield made
        made.close()


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
