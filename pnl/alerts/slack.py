"""An event as Slack takes it: an incoming webhook.

Read from https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks and
https://docs.slack.dev/messaging/formatting-message-text.
"""

from pnl.domain.alerts.incidents import Event, beside, exactly, named
from pnl.domain.snapshot import Json

LONGEST_HEADER = 150
"""Letters, of which the mark in front may count as two."""
_MARKS = {"critical": "🔴", "warning": "🟠"}


def body(event: Event, *, key: str, link: str) -> dict[str, Json]:
    """Return the body of the request that tells of an event; `link` is our page of alerts.

    The last line ends with `key`, which is the same for a message that comes twice, so that a reader can tell.

    What people wrote is plain text in it, of which Slack makes neither a link nor a call of everybody.
    """
    mark = {"resolve": "🟢", "test": "🔵"}.get(event.action, _MARKS[event.severity])
    facts = "A test that somebody sent: no rule stands behind it" if event.action == "test" else _facts(event)
    return {
        "text": escaped(f"{mark} {event.summary}"),
        "blocks": [
            {"type": "header", "text": {"type": "plain_text", "text": f"{mark} {event.within(LONGEST_HEADER - 3)}"}},
            {"type": "section", "text": {"type": "plain_text", "text": facts}},
            {
                "type": "context",
                "elements": [{"type": "mrkdwn", "text": f"<{escaped(link)}|Open the alerts> · {escaped(key)}"}],
            },
        ],
    }


def _facts(event: Event) -> str:
    value = "not known" if event.value is None else beside(event.amount, event.value, event.unit)
    return f"{named(event.figure)}: {value} · limit {exactly(event.amount, event.unit)} · {event.severity}"


def escaped(text: str) -> str:
    """Return a text of which Slack takes nothing for its own marks.

    >>> escaped("<!channel> R&D")
    '&lt;!channel&gt; R&amp;D'
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
