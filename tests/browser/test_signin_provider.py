"""Signing in at a real provider in a real browser: from the first page there and back, and out again."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it carries no types
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from pnl.access.keys import Keys
from pnl.access.provider import Provider
from pnl.access.ways import Cookie, Roles
from pnl.clock import SystemClock
from pnl.web.access import Access
from tests.browser.archive import Archive, serving
from tests.history.company import Company
from tests.providers.process import ProviderProcess


@pytest.fixture
def process() -> Iterator[ProviderProcess]:
    with ProviderProcess() as made:
        yield made


@pytest.fixture
def house(browser: Browser, tmp_path: Path, process: ProviderProcess) -> Iterator[Archive]:
    """The archive, with people whom a provider knows."""
    contexts: list[BrowserContext] = []

    def context(theme: Any, width: int) -> BrowserContext:  # noqa: ANN401 - typed as literals
        size: Any = {"width": width, "height": 844}
        made = browser.new_context(viewport=size, color_scheme=theme, reduced_motion="reduce")
        made.set_default_timeout(30_000)
        # The provider's own pages ask for a style sheet of somewhere else.
        made.route(lambda url: not url.startswith("http://127.0.0.1:"), lambda route: route.abort())
        contexts.append(made)
        return made

    def access(company: Company) -> Access:
        accounts, roles = company.store.accounts(), Roles(["bob@example.com"], ["@example.com"])
        keys = Keys(accounts, company.clock, role_of=roles.of)
        provider = Provider(process.url, "northstar", "a secret", clock=SystemClock())
        return Access(entrance=Cookie(keys), keys=keys, accounts=accounts, provider=provider, roles=roles)

    with serving(tmp_path, context, access_of=access) as made:
        yield made
        for one in contexts:
            one.close()


def arrive(house: Archive, path: str = "/", *, theme: str = "dark", width: int = 1440) -> Page:
    page = house.context(theme, width).new_page()
    page.on("console", lambda told: _heard(house, told))
    page.on("pageerror", lambda error: house.complaints.append(str(error)))
    page.goto(house.url + path)
    return page


def _heard(house: Archive, told: ConsoleMessage) -> None:
    if told.type in {"error", "warning"} and told.location["url"].startswith(house.url):
        house.complaints.append(told.text)


def sign_in(page: Page, sub: str) -> None:
    page.get_by_role("link", name="Sign in at").click()
    page.get_by_role("button", name=sub, exact=True).click()


def test_from_the_first_page_to_the_provider_and_back_to_live_figures_and_out_again(house: Archive) -> None:
    page = arrive(house)
    expect(page).to_have_title("Sign in · NorthStar P&L")

    sign_in(page, "bob")

    page.wait_for_selector("#kpis[data-seq]")
    assert page.url == house.url + "/"
    expect(page.locator(".who-name")).to_have_text("bob@example.com")
    assert sorted(cookie["name"] for cookie in page.context.cookies(f"{house.url}/signin/oidc/out")) == [
        "pnl",
        "pnl-hint",
    ]
    assert page.evaluate("document.cookie") == ""
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/oauth2/end_session?*")
    assert page.context.cookies(house.url) == []
    page.locator("button, input[type=submit]").first.click()
    expect(page).to_have_title("Sign in · NorthStar P&L")
    assert page.url.startswith(house.url + "/signin")
    page.goto(house.url + "/")
    expect(page).to_have_title("Sign in · NorthStar P&L")
    page.go_back()
    expect(page.locator("#kpis")).to_have_count(0)
    assert house.complaints == []


def test_who_wanted_to_see_a_page_gets_to_it(house: Archive) -> None:
    page = arrive(house, "/history?step=1d")

    sign_in(page, "ann")

    page.wait_for_selector("#tab-history[aria-current]")
    assert page.url == house.url + "/history?step=1d"


def test_who_may_not_come_in_is_told_so_and_signs_in_as_somebody_else(house: Archive) -> None:
    page = arrive(house)
    sign_in(page, "eve")
    expect(page.get_by_role("alert")).to_have_text(
        "You are eve@evil.test, and may not come in. Whoever runs this server can let you."
    )

    page.get_by_role("link", name="Sign in as somebody else").click()
    page.get_by_role("button", name="ann", exact=True).click()

    page.wait_for_selector("#kpis[data-seq]")
    expect(page.locator(".who-name")).to_have_text("ann@example.com")


def test_an_answer_that_is_loaded_again_is_told_calmly_and_ends_no_session(house: Archive) -> None:
    page = arrive(house)
    answers: list[str] = []
    page.on("request", lambda asked: answers.append(asked.url) if "/signin/oidc/back" in asked.url else None)
    sign_in(page, "ann")
    page.wait_for_selector("#kpis[data-seq]")

    page.goto(answers[0])

    expect(page.get_by_role("alert")).to_have_text(
        "That sign-in is over, or was begun in another browser or tab. Begin anew."
    )
    page.goto(house.url + "/")
    page.wait_for_selector("#kpis[data-seq]")


def test_while_the_provider_is_down_who_is_in_stays_in_and_the_others_are_told(
    house: Archive, process: ProviderProcess
) -> None:
    inside, outside = arrive(house), arrive(house)
    sign_in(inside, "ann")
    inside.wait_for_selector("#kpis[data-seq]")
    outside.get_by_role("link", name="Sign in at").click()
    outside.get_by_role("button", name="bob", exact=True).wait_for()
    back = process.sign_in(outside.url, "bob")

    process.stop()
    outside.goto(back)

    expect(outside.get_by_role("alert")).to_contain_text("Try again in a minute; who is signed in stays so.")
    inside.reload()
    inside.wait_for_selector("#kpis[data-seq]")
    expect(inside.locator(".who-name")).to_have_text("ann@example.com")


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing_on_the_page_that_says_what_is_amiss(house: Archive, theme: str, width: int) -> None:
    page = arrive(house, "/signin/oidc/back?state=wrong", theme=theme, width=width)
    expect(page.get_by_role("alert")).to_be_visible()

    found = Axe().run(page)

    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") == width
