"""What an editor may change of alerts: rules of the page, silence, and tests."""

import secrets
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response
from werkzeug.exceptions import Conflict, NotFound

from pnl.alerts.file import MOST
from pnl.alerts.kept import AlertStore, KeptRule
from pnl.clock import Clock
from pnl.domain.alerts.incidents import trial
from pnl.domain.alerts.rules import read, span
from pnl.domain.snapshot import instant
from pnl.errors import RuleError
from pnl.web.alert_rules import check, found, of_page, receivers, silenced
from pnl.web.alerts_told import told_rule
from pnl.web.answers import answer
from pnl.web.bodies import fields
from pnl.web.problems import BadParameter
from pnl.web.query import given, whole
from pnl.web.sent import actor

_LONGEST_SILENCE = timedelta(days=30)


def change_alerts(routes: Blueprint, store: AlertStore, clock: Clock, *, demo: bool) -> None:
    """Add the routes that change alerts; see `pnl.web.alerts.alerts`."""

    @routes.post("/api/pnl/alerts/rules")
    def add() -> Response:
        given(())
        rule = read(fields(), rule_id=f"page-{secrets.token_hex(8)}", origin="page")
        check(rule, store)
        if len(store.rules()) >= MOST:
            raise Conflict(f"There are {MOST} rules already: remove one that nobody needs.")
        kept = store.add_rule(rule, actor(), clock.now())
        new = kept.rule.id == rule.id
        made = answer(_rule(kept, store, clock), 201 if new else 200)
        if new:
            made.headers["Location"] = f"/api/pnl/alerts/rules/{quote(kept.rule.id, safe='')}"
        return made

    @routes.put("/api/pnl/alerts/rules/<rule_id>")
    def change(rule_id: str) -> Response:
        given(())
        of_page(rule_id, store)
        body = fields()
        replaces = _version(body.pop("version", None))
        rule = read(body, rule_id=rule_id, origin="page")
        check(rule, store)
        return answer(_rule(store.change_rule(rule, replaces, actor(), clock.now()), store, clock))

    @routes.delete("/api/pnl/alerts/rules/<rule_id>")
    def remove(rule_id: str) -> Response:
        asked = given(("version",))
        of_page(rule_id, store)
        if "version" not in asked:
            raise BadParameter("version", "version is missing: give the version of the rule that is to go")
        store.remove_rule(rule_id, whole(asked, "version", 1, 1, 10**9), actor(), clock.now())
        return answer({"id": rule_id})

    @routes.post("/api/pnl/alerts/rules/<rule_id>/silence")
    def silence(rule_id: str) -> Response:
        given(())
        found(rule_id, store)
        body = fields()
        if set(body) != {"for"}:
            raise RuleError("for", 'the body is {"for": "2h"}, or {"for": null} for a rule that is to be heard again')
        now = clock.now()
        until = None if body["for"] is None else now + span(body["for"], "for", _LONGEST_SILENCE)
        store.silence(rule_id, until, actor(), now)
        return answer({"id": rule_id, "silenced_until": instant(until)})

    @routes.post("/api/pnl/alerts/receivers/<name>/test")
    def test(name: str) -> Response:
        given(())
        known = [str(one["name"]) for one in receivers(store.book() or {})]
        if name not in known:
            there = f"there are {', '.join(known)}" if known else "the file of PNL_ALERTS_FILE names none"
            raise NotFound(f"There is no receiver {name[:40]!r}: {there}.")
        now = clock.now()
        store.ask_test(name, trial(name, now, demo=demo))
        return answer({"receiver": name, "asked_at": instant(now)}, 202)


def _rule(kept: KeptRule, store: AlertStore, clock: Clock) -> dict[str, Any]:
    _, board = store.board()
    return told_rule(kept.rule, kept, board.standing.get(kept.rule.id), silenced(store, clock))


def _version(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value < 10**9:
        raise RuleError(
            "version", f"version {str(value)[:40]!r} is not the number of the version that this one replaces"
        )
    return value
