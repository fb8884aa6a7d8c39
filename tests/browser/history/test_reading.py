"""Each part of the history page is read by itself: given up for a newer one, and read again after a failure."""

from tests.browser.archive import Archive
from tests.browser.history.shown import RANGE, READY


def test_an_older_request_is_given_up_for_a_newer_range(archive: Archive) -> None:
    page = archive.open(f"/history?{RANGE}", READY)
    page.wait_for_selector(".history-breakdown tfoot")
    page.route("**/api/pnl/breakdown?*by=workspace*", lambda _route: None)

    with page.expect_event("requestfailed", lambda asked: "by=workspace" in asked.url):
        with page.expect_request("**/api/pnl/breakdown?*by=workspace*"):
            page.select_option("#history-by", "workspace")
        page.select_option("#history-by", "customer")

    page.wait_for_selector(".history-breakdown th:has-text('Customer')")


def test_a_part_that_cannot_be_read_says_so_and_is_read_again(archive: Archive) -> None:
    page = archive.open(f"/history?{RANGE}", READY)
    page.route(
        "**/api/pnl/breakdown?*by=series*",
        lambda route: route.fulfill(status=503, json={"detail": "the archive is busy"}),
    )
    page.select_option("#history-by", "series")
    page.wait_for_selector(".history-breakdown:has-text('the archive is busy')")
    assert page.locator(READY).count() == 1

    page.unroute("**/api/pnl/breakdown?*by=series*")
    page.locator(".history-breakdown").get_by_role("button", name="Try again").click()
    page.wait_for_selector(".history-breakdown tfoot")
