"""Rules that stand somehow, and the page that tells of them."""

from datetime import timedelta

from playwright.sync_api import Locator, Page

from pnl.domain.alerts.board import Board, Look, shown
from pnl.domain.alerts.rules import Rule, read
from pnl.domain.alerts.states import State
from tests.browser.conftest import Desk
from tests.web.fake_alerts import FakeAlerts

HOSTILE = '<img src=x onerror="document.title=1"> =HYPERLINK("x")'
LOSS = {"name": "Loss of the day", "figure": "net", "when": "below", "amount": "-500", "severity": "critical"}


def a_rule(origin: str = "file", **more: object) -> Rule:
    given = LOSS | {"receivers": ["on-call"]} | more
    return read(given, rule_id=f"{origin}-{given['name']}", origin=origin)  # type: ignore[arg-type]  # one of its words


def alerts_of(desk: Desk) -> FakeAlerts:
    return desk.answers.kept.alerting


def state(desk: Desk, rule: Rule, phase: str = "firing", value: int | None = -501_500_000_000) -> State:
    now = desk.company.now()
    return State(
        phase=phase,  # type: ignore[arg-type]  # one of its words
        since=now - timedelta(minutes=4),
        about=rule.about,
        value=value,
        missing=None if value is not None else "net is not known",
        incident="i-1",
        fired_at=now - timedelta(minutes=4),
    )


def stand(desk: Desk, *standing: tuple[Rule, State]) -> None:
    """Have rules do as they are said to, in the snapshot too."""
    alerts = alerts_of(desk)
    for rule, one in standing:
        alerts.stand(rule, one)
    found = Look(board=Board(standing=alerts.standing, changed=alerts.changed), silenced=alerts.quiet)
    desk.company.alerts = shown(found)
    desk.company.tick()


def opened(desk: Desk, *, theme: str = "dark", width: int = 1440) -> Page:
    page = desk.open("/alerts", theme=theme, width=width)
    page.wait_for_selector("[data-alert-rule]")
    return page


def row(page: Page, name: str) -> Locator:
    return page.locator("[data-alert-rule]", has_text=name)
