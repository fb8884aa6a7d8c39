"""The reference of alerts says what there is, and its example is what is sent."""

import hashlib
import hmac
import json
import re
import time
from datetime import UTC, datetime
from pathlib import Path

from pnl.alerts import webhook
from pnl.alerts.receivers import _ALWAYS, _KINDS
from pnl.domain.alerts.figures import FIGURES
from pnl.domain.alerts.incidents import Event
from pnl.domain.alerts.rules import COMPARISONS, FIELDS, SEVERITIES

TEXT = (Path(__file__).parents[1] / "docs" / "reference" / "alerts.md").read_text(encoding="utf-8")


def part(title: str) -> str:
    """Return the text below a heading, up to the next one."""
    return re.split(r"^#+ ", TEXT.split(f"# {title}\n")[1], maxsplit=1, flags=re.MULTILINE)[0]


def first_column(text: str) -> set[str]:
    """Return what stands in backticks in the first column of a table."""
    rows = re.findall(r"^\| (`.+?) \|", text, re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row)}


def test_every_figure_is_told_and_no_other() -> None:
    told = first_column(part("Figures"))

    assert told - {"failed_checks.NAME"} == {name for name in FIGURES if not name.startswith("failed_checks.")}


def test_every_field_is_told_and_no_other() -> None:
    assert first_column(part("A rule")) == set(FIELDS)
    own = {text for kind in _KINDS.values() for name in kind for text in (name, f"{name}_file")}
    assert first_column(part("A receiver")) == {*_ALWAYS, *own}
    assert all(f"`{word}`" in part("A rule") for word in (*COMPARISONS, *SEVERITIES))


def test_the_example_of_a_message_is_one() -> None:
    found = re.search(r"```json\n(.+?)```", TEXT, re.DOTALL)
    assert found
    told = json.loads(found.group(1))
    at = datetime(2026, 11, 29, 10, 25, 5, 656_000, tzinfo=UTC)
    event = Event(
        action="trigger",
        incident=told["incident"],
        rule_id=told["rule"]["id"],
        name="Loss of the day",
        severity="critical",
        figure="net",
        when="below",
        amount=-500_000_000_000,
        value=-501_500_000_000,
        unit="dollars",
        at=at,
        fired_at=at,
        resolved_at=None,
        demo=False,
    )

    assert webhook.body(event, key=told["id"], link=told["link"]) == told


def test_the_check_of_a_signature_that_is_told_takes_ours_and_no_other() -> None:
    found = re.search(r"```python\n(.+?)```", TEXT, re.DOTALL)
    assert found
    names: dict[str, object] = {}
    exec(found.group(1), names)  # noqa: S102 - the page's own example
    is_ours = names["is_ours"]
    now = int(time.time())
    header = webhook.signature("secret", b"{}", now)

    assert callable(is_ours)
    assert is_ours("secret", header, b"{}")
    assert not is_ours("secret", header, b"{} ")
    assert not is_ours("other", header, b"{}")
    assert not is_ours("secret", webhook.signature("secret", b"{}", now - 600), b"{}")
    assert hmac.compare_digest(header[-64:], hmac.new(b"secret", f"{now}.{{}}".encode(), hashlib.sha256).hexdigest())
