"""A desk with three rules: one that fires, one that waits, one that cannot be known."""

from dataclasses import replace
from datetime import timedelta

import pytest

from pnl.alerts.kept import Delivery
from tests.browser.alerts.standing import HOSTILE, a_rule, alerts_of, stand, state
from tests.browser.conftest import Desk


@pytest.fixture
def watched(desk: Desk) -> Desk:
    """A critical rule of the file fires, one of the page waits, one cannot be known."""
    loss, fees = a_rule(), a_rule("page", name=HOSTILE, figure="trading_fees", severity="warning", **{"for": "5m"})
    budget = a_rule(name="API budget", figure="api_budget", when="at_least", amount="80", severity="warning")
    alerts = alerts_of(desk)
    alerts.file(loss, budget, on_call="pagerduty", desk="slack")
    alerts.add_rule(fees, "ann@example.com", desk.company.now() - timedelta(hours=2))
    alerts.delivered = {"desk": Delivery(waiting=1, failed_at=desk.company.now(), error="HTTP 404: no_service")}
    why = "there is no budget: set PNL_BUDGET_API_MONTHLY"
    unknown = replace(state(desk, budget, "inactive", None), missing=why)
    stand(desk, (loss, state(desk, loss)), (fees, state(desk, fees, "pending")), (budget, unknown))
    return desk
