"""How alerts are told by the API, and the description of its routes."""

from collections.abc import Mapping
from datetime import datetime

from pnl.alerts.kept import Change, Delivery, Happened, KeptRule
from pnl.domain.alerts.figures import FIGURES, unit
from pnl.domain.alerts.incidents import named, plain
from pnl.domain.alerts.rules import COMPARISONS, FIELDS, MOST_LETTERS, SEVERITIES, Rule
from pnl.domain.alerts.states import State
from pnl.domain.snapshot import Json, instant
from pnl.web.describe import added, content, operation, parameter, path_parameter, reference
from pnl.web.schemas import (
    COUNT,
    FLAG,
    INSTANT,
    INSTANT_OR_NULL,
    MONEY,
    MONEY_OR_NULL,
    TEXT,
    TEXT_OR_NULL,
    VERSION,
    listed,
    one_of,
    or_null,
    thing,
)

_UNITS = ("dollars", "percent", "seconds", "count", "flag")
_PHASES = ("inactive", "pending", "firing", "resolved")
_SPAN: dict[str, Json] = {"type": "string", "pattern": "^[0-9]{1,6}[smhd]$", "description": "Such as 90s, 5m, 2h, 1d."}
_FIELDS: dict[str, Json] = {
    "name": {"type": "string", "minLength": 1, "maxLength": MOST_LETTERS},
    "figure": {"type": "string", "description": f"One of {', '.join(FIGURES)}."},
    "when": {**one_of(*COMPARISONS), "description": "Left out for a figure whose unit is flag."},
    "amount": {**MONEY, "description": "The limit, a decimal string; left out for a figure whose unit is flag."},
    "for": {**_SPAN, "default": "0s", "description": "How long it must hold before the rule fires, up to 7d."},
    "severity": {**one_of(*SEVERITIES), "default": "warning"},
    "receivers": {**listed(TEXT), "default": list[Json]()},
}
_OPTIONAL = ("when", "amount", "for", "severity", "receivers")

SCHEMAS: dict[str, Json] = {
    "NewAlertRule": thing(_FIELDS, optional=_OPTIONAL),
    "ChangedAlertRule": thing({**_FIELDS, "version": VERSION}, optional=_OPTIONAL),
    "AlertRule": thing(
        {
            "id": TEXT,
            "name": TEXT,
            "figure": TEXT,
            "figure_name": TEXT,
            "unit": one_of(*_UNITS),
            "when": one_of(*COMPARISONS),
            "amount": MONEY,
            "for_seconds": COUNT,
            "severity": one_of(*SEVERITIES),
            "receivers": listed(TEXT),
            "origin": one_of("file", "page"),
            "version": or_null(VERSION),
            "state": one_of(*_PHASES),
            "since": INSTANT_OR_NULL,
            "value": MONEY_OR_NULL,
            "missing": TEXT_OR_NULL,
            "fired_at": INSTANT_OR_NULL,
            "resolved_at": INSTANT_OR_NULL,
            "silenced_until": INSTANT_OR_NULL,
        }
    ),
    "AlertReceiver": thing(
        {
            "name": TEXT,
            "kind": one_of("pagerduty", "slack", "webhook"),
            "waiting": COUNT,
            "sent_at": INSTANT_OR_NULL,
            "failed_at": INSTANT_OR_NULL,
            "error": TEXT_OR_NULL,
            "test": one_of("waiting", "sent", "refused", "given_up", None),
            "test_at": INSTANT_OR_NULL,
        }
    ),
    "AlertEvent": thing(
        {
            "number": COUNT,
            "seq": COUNT,
            "at": INSTANT,
            "action": one_of("fired", "resolved"),
            "rule": thing({"id": TEXT, "name": TEXT}),
            "severity": one_of(*SEVERITIES),
            "summary": TEXT,
            "what": TEXT,
        }
    ),
    "AlertChange": thing(
        {
            "at": INSTANT,
            "actor": TEXT,
            "action": one_of("added", "changed", "removed", "silenced", "unsilenced"),
            "body": {"type": "object"},
        }
    ),
}
_RULE_ID = path_parameter("rule_id", "The rule's id.", TEXT)

PATHS: dict[str, Json] = {
    "/api/pnl/alerts": {
        "get": operation(
            "alerts",
            "Every rule with how it does, and every receiver with how messages to it do",
            {
                200: content(
                    "As of the snapshot `seq`; 0 before the first look.",
                    thing(
                        {
                            "seq": COUNT,
                            "rules": listed(reference("AlertRule")),
                            "receivers": listed(reference("AlertReceiver")),
                            "file": thing({"configured": FLAG, "trouble": TEXT_OR_NULL, "read_at": INSTANT_OR_NULL}),
                            "figures": listed(thing({"name": TEXT, "title": TEXT, "unit": one_of(*_UNITS)})),
                        }
                    ),
                )
            },
            problems=(400, 503),
            description=(
                "`value` and `amount` are decimal strings in the figure's `unit`; a `flag` is 1 or 0. `missing` says "
                "why a value is not known, which changes no state. With `trouble`, the file could not be taken, and "
                "the rules before stay in force. Secrets and addresses of receivers are told nowhere."
            ),
        )
    },
    "/api/pnl/alerts/events": {
        "get": operation(
            "alert_events",
            "What fired and what was over, newest first",
            {200: content("The events.", thing({"events": listed(reference("AlertEvent"))}))},
            problems=(400, 503),
            parameters=[
                parameter("from", "RFC 3339 or a company day.", TEXT),
                parameter("to", "The first instant that is out again.", TEXT),
                parameter("limit", "How many, up to 500; 20 where it is left out.", COUNT),
            ],
        )
    },
    "/api/pnl/alerts/rules": {
        "post": operation(
            "add_alert_rule",
            "Add a rule",
            added(
                "AlertRule",
                "It is kept, and looked at with the next tick or the one after.",
                "The same name and content",
            ),
            problems=(400, 409, 413, 415, 503),
            body=reference("NewAlertRule"),
        )
    },
    "/api/pnl/alerts/rules/{rule_id}": {
        "get": operation(
            "alert_rule",
            "One rule with how it does",
            {200: content("The rule.", reference("AlertRule"))},
            problems=(400, 404, 503),
            parameters=[_RULE_ID],
        ),
        "put": operation(
            "change_alert_rule",
            "Replace a rule that was made on the page",
            {200: content("It is kept.", reference("AlertRule"))},
            problems=(400, 404, 409, 413, 415, 503),
            description=(
                "`version` is the version that this one replaces; if it is not the newest, 409. A rule of the file "
                "answers 409, too. A change of figure or comparison ends an incident; another limit does not."
            ),
            parameters=[_RULE_ID],
            body=reference("ChangedAlertRule"),
        ),
        "delete": operation(
            "remove_alert_rule",
            "Remove a rule that was made on the page",
            {200: content("It is gone; an incident of it is resolved.", thing({"id": TEXT}))},
            problems=(400, 404, 409, 503),
            parameters=[
                _RULE_ID,
                parameter("version", "The version that is to go.", VERSION) | {"required": True},
            ],
        ),
    },
    "/api/pnl/alerts/rules/{rule_id}/silence": {
        "post": operation(
            "silence_alert_rule",
            "Silence a rule for a time",
            {
                200: content(
                    "Nobody is told of it until then; its states go on. What was told of before is told the end of.",
                    thing({"id": TEXT, "silenced_until": INSTANT_OR_NULL}),
                )
            },
            problems=(400, 404, 413, 415, 503),
            parameters=[_RULE_ID],
            body=thing({"for": {**or_null(_SPAN), "description": "Up to 30d; null lets it be heard again."}}),
        )
    },
    "/api/pnl/alerts/rules/{rule_id}/trail": {
        "get": operation(
            "alert_rule_trail",
            "Who did what to a rule, and when",
            {200: content("Oldest first.", thing({"id": TEXT, "trail": listed(reference("AlertChange"))}))},
            problems=(400, 404, 503),
            parameters=[_RULE_ID],
        )
    },
    "/api/pnl/alerts/receivers/{name}/test": {
        "post": operation(
            "test_alert_receiver",
            "Send a test to a receiver",
            {
                202: content(
                    "It is sent by the process that leads; `test` of the receiver tells how that went.",
                    thing({"receiver": TEXT, "asked_at": INSTANT}),
                )
            },
            problems=(400, 404, 503),
            parameters=[path_parameter("name", "The receiver.", TEXT)],
        )
    },
}


def told_rule(
    rule: Rule, kept: KeptRule | None, standing: tuple[Rule, State] | None, quiet: Mapping[str, datetime]
) -> dict[str, Json]:
    """Return a rule with how it does; `standing` is None before the first look."""
    state = standing[1] if standing and standing[1].about == rule.about else None
    return {
        "id": rule.id,
        "name": rule.name,
        "figure": rule.figure,
        "figure_name": named(rule.figure),
        "unit": rule.unit,
        "when": rule.when,
        "amount": plain(rule.amount),
        "for_seconds": int(rule.hold.total_seconds()),
        "severity": rule.severity,
        "receivers": list[Json](rule.receivers),
        "origin": rule.origin,
        "version": kept.version if kept else None,
        "state": state.phase if state else "inactive",
        "since": instant(state.since) if state else None,
        "value": plain(state.value) if state else None,
        "missing": state.missing if state else "nobody has looked at it yet",
        "fired_at": instant(state.fired_at) if state else None,
        "resolved_at": instant(state.resolved_at) if state else None,
        "silenced_until": instant(quiet.get(rule.id)),
    }


def told_receiver(name: str, kind: str, delivery: Delivery | None) -> dict[str, Json]:
    """Return a receiver with how messages to it do."""
    known = delivery or Delivery()
    return {
        "name": name,
        "kind": kind,
        "waiting": known.waiting,
        "sent_at": instant(known.sent_at),
        "failed_at": instant(known.failed_at),
        "error": known.error,
        "test": known.test,
        "test_at": instant(known.test_at),
    }


def told_event(one: Happened) -> dict[str, Json]:
    """Return an event."""
    return {
        "number": one.number,
        "seq": one.seq,
        "at": instant(one.event.at),
        "action": "resolved" if one.event.action == "resolve" else "fired",
        "rule": {"id": one.event.rule_id, "name": one.event.name},
        "severity": one.event.severity,
        "summary": one.event.summary,
        "what": one.event.what,
    }


def told_change(one: Change) -> dict[str, Json]:
    """Return a line of a rule's trail; amounts are decimal strings."""
    body = {name: value for name, value in one.body.items() if name in (*FIELDS, "until")}
    amount, hold = one.body.get("amount"), one.body.get("hold")
    if isinstance(amount, int):
        body |= {"amount": plain(amount), "for_seconds": hold}
    return {"at": instant(one.at), "actor": one.actor, "action": one.action, "body": body}


def figures() -> list[Json]:
    """Return every figure that a rule can watch, for a form."""
    return [{"name": name, "title": named(name), "unit": unit(name)} for name in FIGURES]
