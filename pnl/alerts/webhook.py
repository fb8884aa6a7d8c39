"""An event for a program of the company's own: `pnl-alert/1`, signed."""

import hashlib
import hmac

from pnl.domain.alerts.incidents import Event, plain
from pnl.domain.isolated import without_marks
from pnl.domain.snapshot import Json, instant

SCHEMA = "pnl-alert/1"
SIGNATURE = "X-NorthStar-Signature"


def body(event: Event, *, key: str, link: str) -> dict[str, Json]:
    """Return what is sent; `key` is the same for a message that comes twice, and `link` our page of alerts."""
    return {
        "schema": SCHEMA,
        "id": key,
        "action": event.action,
        "incident": event.incident,
        "severity": event.severity,
        "summary": event.summary,
        "rule": {"id": event.rule_id, "name": without_marks(event.name)},
        "figure": event.figure,
        "comparison": event.when,
        "limit": plain(event.amount),
        "value": plain(event.value),
        "unit": event.unit,
        "at": instant(event.at),
        "fired_at": instant(event.fired_at),
        "resolved_at": instant(event.resolved_at),
        "demo": event.demo,
        "link": link,
    }


def signature(secret: str, body_: bytes, at: int) -> str:
    """Return the value of the header that proves who sent a body, and when.

    Args:
        secret: What both sides know.
        body_: The very bytes that are sent.
        at: Seconds since 1970; a receiver refuses what is older than some minutes.

    >>> signature("a secret of both sides", b"{}", 1)
    't=1,v1=943d5582c0b94fda4743bfd71995b2e2a822e30b658122bf0b38c0b845956847'
    """
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body_, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"
