"""An event as PagerDuty takes it: Events API v2.

Read from https://developer.pagerduty.com/docs/events-api-v2-overview and
https://developer.pagerduty.com/docs/send-alert-event.
"""

from pnl.domain.alerts.incidents import Event, plain
from pnl.domain.isolated import without_marks
from pnl.domain.snapshot import Json, instant

LONGEST_SUMMARY = 1024
LONGEST_KEY = 255


def body(event: Event, *, routing_key: str, dedup_key: str, link: str, source: str) -> dict[str, Json]:
    """Return the body of the request that tells of an event.

    Args:
        event: What happened.
        routing_key: The integration's key.
        dedup_key: By which a resolve finds its trigger, and one that comes twice is one.
        link: Our page of alerts.
        source: What tells of it: our host.
    """
    head: dict[str, Json] = {
        "routing_key": routing_key,
        "event_action": "resolve" if event.action == "resolve" else "trigger",
        "dedup_key": dedup_key[:LONGEST_KEY],
    }
    if event.action == "resolve":
        return head
    return {
        **head,
        "client": "NorthStar P&L",
        "client_url": link,
        "payload": {
            "summary": event.summary[:LONGEST_SUMMARY],
            "source": source,
            "severity": "info" if event.action == "test" else event.severity,
            "timestamp": instant(event.fired_at),
            "component": event.figure,
            "group": "northstar-pnl",
            "class": "test" if event.action == "test" else "alert",
            "custom_details": {
                "rule": without_marks(event.name),
                "figure": event.figure,
                "value": plain(event.value),
                "comparison": event.when,
                "limit": plain(event.amount),
                "unit": event.unit,
                "demo": event.demo,
            },
        },
        "links": [{"href": link, "text": "Open the alerts"}],
    }
