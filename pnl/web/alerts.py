"""Alerts: how every rule does, what happened, and the routes that change them beside."""

from flask import Blueprint, Response

from pnl.alerts.kept import AlertStore, KeptRule
from pnl.clock import Clock
from pnl.domain.alerts.rules import Rule
from pnl.web.alert_changes import change_alerts
from pnl.web.alert_rules import found, of_file, receivers, silenced
from pnl.web.alerts_told import PATHS, SCHEMAS, figures, told_change, told_event, told_receiver, told_rule
from pnl.web.answers import answer
from pnl.web.query import Days, given, whole

__all__ = ["PATHS", "SCHEMAS", "alerts"]

_FEW, _MANY = 20, 500


def alerts(store: AlertStore, clock: Clock, days: Days, *, demo: bool) -> Blueprint:
    """Return the routes.

    Args:
        store: Where the process that leads leaves how the rules do, and finds those of the page.
        clock: The time.
        days: Reads instants and company days.
        demo: Whether the figures are invented, which messages then say.
    """
    routes = Blueprint("alerts", __name__)
    change_alerts(routes, store, clock, demo=demo)

    @routes.get("/api/pnl/alerts")
    def every() -> Response:
        given(())
        seq, board = store.board()
        book = store.book() or {}
        quiet, deliveries = silenced(store, clock), store.deliveries()
        kept = store.rules()
        every_rule: list[tuple[Rule, KeptRule | None]] = [(rule, None) for rule in of_file(book)]
        every_rule += [(one.rule, one) for one in kept]
        return answer(
            {
                "seq": seq,
                "rules": [told_rule(rule, one, board.standing.get(rule.id), quiet) for rule, one in every_rule],
                "receivers": [
                    told_receiver(one["name"], one["kind"], deliveries.get(one["name"])) for one in receivers(book)
                ],
                "file": {
                    "configured": bool(book.get("configured")),
                    "trouble": book.get("trouble"),
                    "read_at": book.get("read_at"),
                },
                "figures": figures(),
            }
        )

    @routes.get("/api/pnl/alerts/events")
    def events() -> Response:
        asked = given(("from", "to", "limit"))
        since, until = days.span(asked)
        limit = whole(asked, "limit", _FEW, 1, _MANY)
        return answer({"events": [told_event(one) for one in store.events(since, until, limit)]})

    @routes.get("/api/pnl/alerts/rules/<rule_id>")
    def one(rule_id: str) -> Response:
        given(())
        rule, kept = found(rule_id, store)
        _, board = store.board()
        return answer(told_rule(rule, kept, board.standing.get(rule_id), silenced(store, clock)))

    @routes.get("/api/pnl/alerts/rules/<rule_id>/trail")
    def trail(rule_id: str) -> Response:
        given(())
        lines = store.trail(rule_id)
        if not lines:
            found(rule_id, store)
        return answer({"id": rule_id, "trail": [told_change(line) for line in lines]})

    return routes
